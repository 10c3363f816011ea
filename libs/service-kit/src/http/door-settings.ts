/** The door's slice of the configuration. */
export class DoorSettings {
  /** Nothing is changed: every method but GET and HEAD is refused before its body is read. */
  readonly readOnly: boolean;

  constructor({ readOnly = false }: { readOnly?: boolean } = {}) {
    this.readOnly = readOnly;
  }
}
