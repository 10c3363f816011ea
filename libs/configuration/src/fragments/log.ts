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
  section('Logging.', {
    level: defaulting(choice('Lowest severity that is logged.', ['error', 'warn', 'info', 'debug']), 'info'),
    formatter: defaulting(
      choice('Format of the lines: `text` for people, `json` for machines.', ['text', 'json']),
      'text',
    ),
    fields: map('Fields added to every line.', anything('The value of the field.')).default({}),
    accesslog: always(
      section('One line per request.', {
        disabled: defaulting(flag('Switch the access log off.'), 'false'),
      }),
    ),
    reportcaller: ignored('lines name their component instead of a line of source'),
    hooks: inactive('mail from the logger; send the logs to a collector that alerts', {
      type: text('Kind of the hook.').optional(),
      levels: list('Levels that trigger it.', text('A level.')).optional(),
      options: anything('Options.').optional(),
    }),
  }),
);
