import {
  always,
  anything,
  choice,
  defaulting,
  flag,
  ignored,
  inactive,
  list,
  map,
  section,
  text,
} from '@longshore/fields';

export const log = always(
  section('What is logged, and how.', {
    level: defaulting(
      choice('The least severe messages to log.', ['error', 'warn', 'info', 'debug']),
      'info',
    ),
    formatter: defaulting(
      choice('Lines for people (text) or for machines (json).', ['text', 'json']),
      'text',
    ),
    fields: map('Fields added to every line.', anything('The value of the field.')).default({}),
    accesslog: always(
      section('One line per request.', {
        disabled: defaulting(flag('Leave the access log out.'), 'false'),
      }),
    ),
    reportcaller: ignored('lines name their component instead of a line of source'),
    hooks: inactive('mail from the logger; send the logs to a collector that alerts', {
      type: text('What the hook does.').optional(),
      levels: list('Levels that trigger it.', text('A level.')).optional(),
      options: anything('Options.').optional(),
    }),
  }),
);
