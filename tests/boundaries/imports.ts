/** Reads the imports of source files with the parsers of TypeScript and Vue. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { parse as parseVue } from 'vue/compiler-sfc';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Import {
  /** What is written: `./x.ts`, `node:fs`, `@jackfield/core/sdk`. */
  readonly specifier: string;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
  readonly line: number;
}
export interface SourceFile {
  /** Relative to the root of the repository, with `/`. */
  readonly path: string;
  readonly imports: readonly Import[];
}

/** All source files below a folder, built and installed ones left out. */
export function readSources(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|mts|js|mjs|vue)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !/(^|\/)(node_modules|dist|\.store)\//.test(path))
    .sort()
    .map((path) => ({ path, imports: readImports(path, readFileSync(join(ROOT, path), 'utf8')) }));
}

export function readImports(path: string, text: string): Import[] {
  return path.endsWith('.vue')
    ? scriptsOf(text).flatMap(({ content, line }) => importsOf(content, line))
    : importsOf(text, 1);
}

function scriptsOf(text: string): { content: string; line: number }[] {
  const { script, scriptSetup } = parseVue(text).descriptor;
  return [script, scriptSetup].flatMap((block) =>
    block ? [{ content: block.content, line: block.loc.start.line }] : [],
  );
}

function importsOf(text: string, firstLine: number): Import[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const { line } = source.getLineAndCharacterOfPosition(specifier.getStart(source));
    found.push({ specifier: specifier.text, typeOnly, line: firstLine + line });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    else if (ts.isCallExpression(node) && isLoad(node)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `import(…)`, `require(…)` and `require.resolve(…)`. */
function isLoad({ expression }: ts.CallExpression): boolean {
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  const called = ts.isPropertyAccessExpression(expression) ? expression.expression : expression;
  return ts.isIdentifier(called) && called.text === 'require';
}
