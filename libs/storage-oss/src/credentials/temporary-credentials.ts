import { StorageError } from '@longshore/storage';
import { z } from 'zod';
import type { HttpAnswer } from '../exchange.ts';
import type { OssCredentials } from './oss-credentials.ts';

const document = z.object({
  AccessKeyId: z.string().min(1),
  AccessKeySecret: z.string().min(1),
  SecurityToken: z.string().min(1),
  Expiration: z.coerce.date(),
});

/** Parses the credentials of the metadata service or of STS. @throws StorageError that quotes nothing of them */
export function temporaryCredentials(found: unknown, from: string): OssCredentials {
  const { success, data } = document.safeParse(found);
  if (!success) throw credentialError('denied', `${from} handed out no credentials`);
  return {
    accessKeyId: data.AccessKeyId,
    accessKeySecret: data.AccessKeySecret,
    securityToken: data.SecurityToken,
    expiresAt: data.Expiration,
  };
}

/** @throws StorageError if the body is not JSON */
export function parseJson({ data }: HttpAnswer, from: string): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    throw credentialError('unavailable', `${from} answers with something else than JSON`);
  }
}

export function credentialError(
  kind: 'denied' | 'unavailable',
  reason: string,
  cause?: unknown,
): StorageError {
  return new StorageError(kind, { driver: 'oss', reason: `credentials: ${reason}`, cause });
}
