/**
 * One message of the bus:
 *
 *   version u8 | text length u32 | attachment count u32 | attachment length u32 … | text (JSON, UTF-8) | attachments
 *
 * All numbers big-endian. Bytes travel as they are; base64 would cost a third more and a copy on both sides.
 */
export interface Frame {
  readonly content: unknown;
  /** Views into the frame. */
  readonly attachments: readonly Uint8Array[];
}

/** The other side broke the protocol. */
export class MalformedFrameError extends Error {
  override readonly name = 'MalformedFrameError';
}

const version = 1;
const fixedBytes = 9;
const maximumAttachments = 4096;
/** Most nesting of JSON; deeper texts are refused before they are parsed. Shorter texts cannot nest deep enough to do harm. */
const maximumNesting = 256;

export function encodeFrame(text: string, attachments: readonly Uint8Array[]): Uint8Array {
  const textBytes = Buffer.byteLength(text);
  const textStart = fixedBytes + 4 * attachments.length;
  const total = attachments.reduce((sum, { byteLength }) => sum + byteLength, textStart + textBytes);
  const frame = Buffer.allocUnsafe(total);
  frame.writeUInt8(version, 0);
  frame.writeUInt32BE(textBytes, 1);
  frame.writeUInt32BE(attachments.length, 5);
  frame.write(text, textStart);
  let end = textStart + textBytes;
  for (const [index, bytes] of attachments.entries()) {
    frame.writeUInt32BE(bytes.byteLength, fixedBytes + 4 * index);
    frame.set(bytes, end);
    end += bytes.byteLength;
  }
  return frame;
}

/** @throws MalformedFrameError, after work proportional to the frame's length, whatever lengths it claims */
export function decodeFrame(bytes: Uint8Array): Frame {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (frame.length < fixedBytes || frame.readUInt8(0) !== version)
    throw new MalformedFrameError('not a frame');
  const count = frame.readUInt32BE(5);
  const textStart = fixedBytes + 4 * count;
  const textEnd = textStart + frame.readUInt32BE(1);
  if (count > maximumAttachments || textEnd > frame.length)
    throw new MalformedFrameError('a frame is cut short');
  const attachments: Uint8Array[] = [];
  let start = textEnd;
  for (let index = 0; index < count; index += 1) {
    const end = start + frame.readUInt32BE(fixedBytes + 4 * index);
    if (end > frame.length) throw new MalformedFrameError('an attachment is cut short');
    attachments.push(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
    start = end;
  }
  if (start !== frame.length) throw new MalformedFrameError('a frame is too long');
  return { content: parse(frame, textStart, textEnd), attachments };
}

function parse(frame: Buffer, start: number, end: number): unknown {
  if (end - start > 4 * maximumNesting) refuseDeep(frame, start, end);
  try {
    return JSON.parse(frame.toString('utf8', start, end));
  } catch (cause) {
    throw new MalformedFrameError('the text of a frame is not JSON', { cause });
  }
}

function refuseDeep(frame: Buffer, start: number, end: number): void {
  let depth = 0;
  let text = false;
  for (let at = start; at < end; at += 1) {
    const byte = frame[at];
    if (byte === 0x22) text = !text;
    else if (byte === 0x5c && text) at += 1;
    else if (!text && (byte === 0x5b || byte === 0x7b)) depth += 1;
    else if (!text && (byte === 0x5d || byte === 0x7d)) depth -= 1;
    if (depth > maximumNesting) throw new MalformedFrameError('a frame is nested too deep');
  }
}
