import { readFileSync } from 'node:fs';
import ts from 'typescript';

export interface Field {
  readonly name: string;
  readonly optional: boolean;
  /** The type as written. */
  readonly type: string;
  /** Its doc comment. Empty without one. */
  readonly comment: string;
}

/** Reads types from the source as text, since they are gone at run time. */
export class Declarations {
  readonly #file: ts.SourceFile;

  constructor(path: string) {
    this.#file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  }

  /** Returns the fields of an exported interface, in order. @throws Error if there is no such interface */
  fields(name: string): Field[] {
    const found = this.#file.statements.find(
      (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name,
    );
    if (found === undefined || !ts.isInterfaceDeclaration(found))
      throw new Error(`${this.#file.fileName} declares no interface ${name}`);
    return found.members.filter(ts.isPropertySignature).map((member) => ({
      name: member.name.getText(),
      optional: member.questionToken !== undefined,
      type: oneLine(member.type?.getText() ?? 'unknown'),
      comment: commentOf(member),
    }));
  }

  /** Returns the constants made with `callee<…>(…)`: their names, comments and type arguments. */
  madeWith(callee: string): { name: string; comment: string; types: string[] }[] {
    return this.#file.statements.filter(ts.isVariableStatement).flatMap((statement) =>
      statement.declarationList.declarations.flatMap(({ name, initializer }) => {
        if (initializer === undefined || !ts.isCallExpression(initializer)) return [];
        if (initializer.expression.getText() !== callee) return [];
        const types = (initializer.typeArguments ?? []).map((type) => oneLine(type.getText()));
        return [{ name: name.getText(), comment: commentOf(statement), types }];
      }),
    );
  }
}

function commentOf(node: ts.Node): string {
  const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  return oneLine(ts.getTextOfJSDocComment(comment?.comment) ?? '');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('readonly ', '').trim();
}
