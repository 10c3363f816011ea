/** The door's slice of the configuration. */
export class DoorSettings {
  /** Added to every answer (`http.headers`). */
  readonly headers: readonly (readonly [name: string, values: readonly string[]])[];
  /** Nothing is changed: every method but GET and HEAD is refused before its body is read. */
  readonly readOnly: boolean;

  constructor({
    headers = {},
    readOnly = false,
  }: { headers?: Readonly<Record<string, readonly string[]>>; readOnly?: boolean } = {}) {
    this.headers = Object.entries(headers);
    this.readOnly = readOnly;
  }
}
