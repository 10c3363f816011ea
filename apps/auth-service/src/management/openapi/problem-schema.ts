import { problemKinds, problemType } from '@longshore/service-kit';
import { z } from 'zod';
import { component } from '../fields.ts';

/** The form of every error (service-kit, Problem). */
export const problem = component(
  'Problem',
  z.strictObject({
    type: z.enum(Object.keys(problemKinds).map((status) => problemType(Number(status)))),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().describe('Holds the id of the request, which the log has.'),
    errors: z
      .array(
        z.strictObject({
          detail: z.string(),
          pointer: z.string().optional().describe('A JSON Pointer into the body (RFC 6901).'),
          parameter: z.string().optional(),
        }),
      )
      .optional(),
  }),
);
