const form = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells whether a text is a UUID as Postgres writes it. Another one in its place would be an error of the statement. */
export const isUuid = (text: string): boolean => form.test(text);
