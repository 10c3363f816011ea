export { asWritten } from './as-written.ts';
export { complaintOf, isMissing } from './problem-text.ts';
export { describeFields, type FieldRow } from './describe.ts';
export { facts, type FieldFacts, type JsonSchema } from './facts.ts';
export { always, anything, defaulting, list, map, section } from './groups.ts';
export { type IsLeftOut, jsonSchemaOf, propertiesOf } from './json-schema.ts';
export {
  address,
  type Bounds,
  byteSize,
  choice,
  claimGlob,
  duration,
  flag,
  glob,
  integer,
  network,
  pattern,
  secret,
  text,
  url,
  word,
} from './scalars.ts';
export { ignored, inactive, refused } from './unused-keys.ts';
export { isOpaque, type Shape, shapeOf } from './shape.ts';
export { type Address, addressOf, parseAddress } from './values/address.ts';
export { LinearPattern } from './values/linear-pattern.ts';
export { nearest } from './values/nearest.ts';
