import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serviceDemands } from '@longshore/configuration';
import { busServices, contracts } from '@longshore/messaging';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'libs/messaging/src/contracts');
const telling = /password|token|credential|secret|authorization/i;

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
  .map((name) => join(folder, name));
const program = ts.createProgram(files, {
  noEmit: true,
  strict: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  customConditions: ['@longshore/source'],
  allowImportingTsExtensions: true,
  types: [],
});
const checker = program.getTypeChecker();
const { StringLike, NumberLike, BooleanLike, BigIntLike, Null, Undefined } = ts.TypeFlags;
const primitive = StringLike | NumberLike | BooleanLike | BigIntLike | Null | Undefined;

/** Returns the names of a type, of its fields, and of their fields. */
function namesIn(type: ts.Type, seen = new Set<ts.Type>()): string[] {
  if (seen.has(type)) return [];
  seen.add(type);
  const own = [type.aliasSymbol?.name ?? '', type.symbol?.name ?? ''];
  // The methods of strings reveal nothing.
  if ((type.flags & primitive) !== 0) return own;
  if (type.isUnionOrIntersection()) return [...own, ...type.types.flatMap((part) => namesIn(part, seen))];
  const items = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  if (items !== undefined) return [...own, ...namesIn(items, seen)];
  const fields = checker.getPropertiesOfType(type);
  const names = own.concat(fields.map((field) => field.name));
  const within = fields.flatMap((field) => namesIn(checker.getTypeOfSymbol(field), seen));
  const others = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  return names.concat(within, others === undefined ? [] : namesIn(others, seen));
}

/** Returns the type names of each contract, by its name in the code. */
function written(): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const file of files)
    program.getSourceFile(file)?.forEachChild((statement) => {
      if (!ts.isVariableStatement(statement)) return;
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer === undefined || !ts.isCallExpression(initializer)) continue;
        if (initializer.expression.getText() !== 'defineRequest') continue;
        const types = (initializer.typeArguments ?? []).map((node) => checker.getTypeFromTypeNode(node));
        found.set(
          name.getText(),
          types.flatMap((type) => namesIn(type)),
        );
      }
    });
  return found;
}

describe('the contracts of the bus', () => {
  const all = written();

  it('are all read, down to the fields of their fields', () => {
    expect(new Set(all.keys())).toEqual(new Set(contracts.keys()));
    expect(all.get('getManifest')).toEqual(expect.arrayContaining(['origin', 'actor', 'useragent']));
    expect(all.get('authenticate')).toContain('password');
  });

  const carrying = [...all].filter(([, names]) => names.some((name) => telling.test(name)));

  it.each(carrying)('%s is confidential, for it carries a password, a token or a credential', (name) => {
    expect(contracts.get(name)?.confidential).toBe(true);
  });

  it('carry credentials where a login is checked and a token is issued', () => {
    expect(carrying.map(([name]) => name)).toEqual(expect.arrayContaining(['authenticate', 'issueToken']));
  });

  it.each(busServices)(
    'ask services.secret of %s when it carries a confidential one, and else not',
    (service) => {
      const carried = [...contracts.values()].filter(({ servedBy, askedBy }) =>
        [servedBy, ...askedBy].includes(service),
      );
      const needs: readonly string[] = serviceDemands[service].needs;
      expect(needs.includes('services.secret')).toBe(
        carried.some(({ confidential }) => confidential === true),
      );
    },
  );

  it('ask no secret of the standalone registry, whose bus is in its process', () => {
    expect(serviceDemands.standalone.needs).toEqual([]);
  });
});
