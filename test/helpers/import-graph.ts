import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';

/** Files below `src/` by their path there, such as `ledger/schema.ts`. */
export type Sources = ReadonlyMap<string, string>;

/** What each node imports from, once for each import. */
export type Graph = ReadonlyMap<string, readonly string[]>;

export function sourcesOf(directory: string): Sources {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).sort();
  return new Map(files.map(file => [file, readFileSync(path.join(directory, file), 'utf8')]));
}

/** Every import of one file by another, of types as well, in whatever form it is written. */
export function importsByFile(sources: Sources): Graph {
  return new Map([...sources].map(([file, text]) => [file, specifiersOf(file, text)
    .filter(specifier => specifier.startsWith('.'))
    .map(specifier => resolved(sources, file, specifier))]));
}

function specifiersOf(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const from = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined;
    if (from) found.push((from as ts.StringLiteral).text);
    if (ts.isImportTypeNode(node)) found.push(((node.argument as ts.LiteralTypeNode).literal as ts.StringLiteral).text);
    if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require')) {
      found.push((node.arguments[0] as ts.StringLiteral).text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  return found;
}

function resolved(sources: Sources, from: string, specifier: string): string {
  // What is imported when it is needed names the file that runs.
  const target = path.join(path.dirname(from), specifier.replace(/\.js$/, ''));
  const file = [`${target}.ts`, path.join(target, 'index.ts')].find(each => sources.has(each));
  if (!file) throw new Error(`src/${from} imports ${specifier}, which is no file of src`);
  return file;
}

/** Files of `src/` itself are its root. */
export function folderOf(file: string): string {
  return file.includes('/') ? file.split('/')[0] : 'root';
}

/** Imports from one folder by another. */
export function importsByFolder(files: Graph): Graph {
  const folders = new Map<string, string[]>();
  for (const [file, imports] of files) {
    const folder = folderOf(file);
    folders.set(folder, [...folders.get(folder) ?? [], ...imports.map(folderOf).filter(other => other !== folder)]);
  }
  return folders;
}

/** Every node that can be reached from each, itself only where there is a circle. */
export function closureOf(graph: Graph): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map([...graph.keys()].map(node => {
    const reached = new Set<string>();
    const follow = (each: string): void => (graph.get(each) ?? []).filter(next => !reached.has(next)).forEach(next => {
      reached.add(next);
      follow(next);
    });
    follow(node);
    return [node, reached];
  }));
}

/** The nodes of each circle, together. */
export function circlesOf(graph: Graph): string[][] {
  const closure = closureOf(graph);
  const circular = [...closure].filter(([node, reached]) => reached.has(node)).map(([node]) => node);
  const groups = circular.map(node => circular.filter(other => closure.get(node)!.has(other) && closure.get(other)!.has(node)));
  return groups.filter((group, index) => circular[index] === group[0]);
}

/** Imports that `allowed` has no way for. */
export function arrowsUp(files: Graph, allowed: Graph): string[] {
  const closure = closureOf(allowed);
  return [...files].flatMap(([file, imports]) => imports
    .filter(target => folderOf(target) !== folderOf(file) && !closure.get(folderOf(file))?.has(folderOf(target)))
    .map(target => `src/${file} -> src/${target}`));
}

/** The arrows of a Mermaid graph: lines such as `a & b --> c`. */
export function mermaidGraph(text: string): Graph {
  const graph = new Map<string, string[]>();
  for (const [, from, to] of text.matchAll(/^ *([\w &]+?) *--> *([\w &]+?) *$/gm)) {
    for (const node of from.split('&')) graph.set(node.trim(), [...graph.get(node.trim()) ?? [], ...to.split('&').map(each => each.trim())]);
  }
  for (const node of [...graph.values()].flat()) graph.set(node, graph.get(node) ?? []);
  return graph;
}

/** One line for each folder, with the number of imports from each other. */
export function drawn(folders: Graph, order: readonly string[]): string {
  const width = Math.max(...order.map(folder => folder.length));
  return [...folders].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([folder, imports]) => {
    const counted = order.filter(other => imports.includes(other)).map(other => `${other} ${imports.filter(each => each === other).length}`);
    return `  ${folder.padEnd(width)} -> ${counted.join(', ') || 'nothing'}\n`;
  }).join('');
}

/** Names that files export themselves, each with the files that do. */
export function exportedNames(sources: Sources): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const [file, text] of sources) {
    for (const name of new Set(declaredExports(file, text))) names.set(name, [...names.get(name) ?? [], file]);
  }
  return names;
}

function declaredExports(file: string, text: string): string[] {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true).statements.flatMap(statement => {
    if (ts.isExportDeclaration(statement)) {
      return statement.exportClause && ts.isNamedExports(statement.exportClause) ? statement.exportClause.elements.map(({ name }) => name.text) : [];
    }
    if (!ts.canHaveModifiers(statement) || !ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => bound(name));
    return [(statement as ts.DeclarationStatement).name?.getText() ?? 'default'];
  });
}

function bound(name: ts.BindingName): string[] {
  return ts.isIdentifier(name) ? [name.text] : name.elements.flatMap(element => ts.isBindingElement(element) ? bound(element.name) : []);
}

/** Functions at the top of each file that it keeps for itself. */
export function ownFunctions(sources: Sources): [string, string][] {
  return [...sources].flatMap(([file, text]) => {
    const exported = new Set(declaredExports(file, text));
    return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true).statements
      .flatMap(statement => ts.isFunctionDeclaration(statement) && statement.name && !exported.has(statement.name.text) ? [statement.name.text] : [])
      .map((name): [string, string] => [name, file]);
  });
}
