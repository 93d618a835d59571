export { declaredChecks } from './checks.ts';
export { Declaration, type DeclarationReading, type ReadingOptions, readDeclaration } from './declaration.ts';
export { Discovered, discover } from './discovery.ts';
export { declaredPlatform } from './platform.ts';
export { declaredHosts, usesPlainHttp } from './server.ts';
