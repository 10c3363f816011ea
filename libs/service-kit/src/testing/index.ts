export { openDoor, type DoorOptions, type OpenDoor } from './open-door.ts';
