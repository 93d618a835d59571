/** Where people and callers find the service of a world. */
export const PUBLIC_URL = 'https://evergrant.example';
