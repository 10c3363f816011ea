/** The part of the configuration that the door uses. */
export class DoorSettings {
  /** True to refuse every method but GET and HEAD before its body is read. */
  readonly readOnly: boolean;

  constructor({ readOnly = false }: { readOnly?: boolean } = {}) {
    this.readOnly = readOnly;
  }
}
