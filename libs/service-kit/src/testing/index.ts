/** @internal */
export { openDoor, type OpenDoor } from './open-door.ts';
