import { hash } from 'node:crypto';

/** SHA-256 as hex. For values with 256 random bits, so that no slow hash is needed. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The S256 challenge of a code verifier (RFC 7636 4.2). */
export function codeChallengeOf(verifier: string): string {
  return hash('sha256', verifier, 'base64url');
}
