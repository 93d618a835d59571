/** Why a port cannot be listened on, in words; any other error as it is. */
export function portProblem(error: NodeJS.ErrnoException, name: string, port: number, host: string): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is in use by another program. Stop that program, or choose another port with ${name}.`,
    EACCES: `Port ${port} may not be used without special rights. Choose one above 1023 with ${name}.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Correct HOST.`,
    ENOTFOUND: `The name ${host} cannot be resolved. Correct HOST.`,
  };
  const reason = reasons[error.code ?? ''];
  return reason === undefined ? error : new Error(reason);
}
