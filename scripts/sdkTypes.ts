export function sdkTypes(): string { return ''; }
