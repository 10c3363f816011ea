export { filesystemFields } from './drivers/filesystem/filesystem-parameters.ts';
export { memoryFields } from './drivers/memory/memory-parameters.ts';
