import { choice, section } from '@longshore/fields';
import type { z } from 'zod';
import { access } from './fragments/access.ts';
import { audit } from './fragments/audit.ts';
import { auth } from './fragments/auth.ts';
import { egress } from './fragments/egress.ts';
import { health } from './fragments/health.ts';
import { http } from './fragments/http.ts';
import { legacy } from './fragments/legacy.ts';
import { log } from './fragments/log.ts';
import { notifications } from './fragments/notifications.ts';
import { catalog, gc, nats, postgres, services, tags, telemetry } from './fragments/services.ts';
import { storage } from './fragments/storage.ts';
import { validation } from './fragments/validation.ts';

/** The whole configuration: distribution's `config.yml` (v2 and v3) and our additions. */
export const configurationSchema = section('Longshore.', {
  version: choice('Version of the format.', ['0.1']),
  log,
  storage,
  auth: auth.optional(),
  egress,
  access: access.optional(),
  audit,
  http,
  notifications,
  health,
  validation,
  catalog,
  tags,
  postgres,
  nats,
  gc,
  services,
  telemetry,
  ...legacy,
});

/** The parsed configuration. Durations are milliseconds and sizes bytes, whatever unit the file used. */
export type Configuration = z.output<typeof configurationSchema>;
