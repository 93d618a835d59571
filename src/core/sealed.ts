/** A secret as it is stored: sealed by the vault, readable by nobody else. */
export type Sealed = string;
