/** Draws docs/architecture.dot for light and for dark pages. `--check` compares. */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT, writeOrCheck } from './generated-files';

interface Colors {
  readonly text: string;
  readonly line: string;
  readonly region: string;
  readonly part: string;
  readonly step: string;
  readonly pool: string;
  readonly table: string;
  readonly poolLine: string;
  readonly tableLine: string;
}

/** GitHub's own scales, so that text has a contrast of at least 7 to 1 on every ground. */
const LIGHT: Colors = {
  text: '#1f2328', line: '#59636e', region: '#f6f8fa', part: '#eaeef2', step: '#ffffff', pool: '#ddf4ff', poolLine: '#0969da', table: '#fff8c5', tableLine: '#9a6700',
};
const DARK: Colors = {
  text: '#f0f6fc', line: '#9198a1', region: '#151b23', part: '#212830', step: '#0d1117', pool: '#0c2d6b', poolLine: '#58a6ff', table: '#3b2300', tableLine: '#d29922',
};

const TITLE = 'Architecture of cognito-dr-replica';
const DESCRIPTION = 'In the primary Region, your stack: the source user pool is watched by triggers and by CloudTrail with EventBridge, which put hints into a '
  + 'queue for the apply function, and is listed by the sweep, a scheduled state machine with a function. Both write to the ledger, a DynamoDB global table, '
  + 'which replicates to the replica Region. There, in the replica stack: triggers make users of the standby user pool on demand, or a follower keeps it warm, '
  + 'and an operator starts the restore state machine, which fills it and writes outcomes to the state table. In an outage the application uses the standby '
  + 'user pool.';

function styles({ text, line, region, part, step, pool, poolLine, table, tableLine }: Colors): string {
  return [
    `text { fill: ${text}; font-family: -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }`,
    `.edge path { stroke: ${line}; stroke-width: 1.5; }`,
    `.edge polygon { stroke: ${line}; fill: ${line}; }`,
    `.edge.across path { stroke: ${tableLine}; stroke-width: 4; }`,
    `.edge.across polygon { stroke: ${tableLine}; fill: ${tableLine}; }`,
    filled('.region', region, line),
    filled('.part', part, 'none'),
    '.part text { font-weight: bold; }',
    filled('.step', step, line),
    filled('.outside', 'none', line),
    filled('.pool', pool, poolLine),
    filled('.table', table, tableLine),
  ].join('\n');
}

function filled(name: string, fill: string, stroke: string): string {
  return `${name} path { fill: ${fill}; stroke: ${stroke}; stroke-width: 1.5; }`;
}

/** Graphviz names everything in titles, which browsers show as tool tips, and paints a page. */
function dressed(svg: string, colors: Colors): string {
  const [, width, height] = /<svg width="(\d+)pt" height="(\d+)pt"/.exec(svg) ?? [];
  return svg
    .replace(/<\?xml[\s\S]*?(?=<svg)/, '')
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/<title>[\s\S]*?<\/title>\n?/g, '')
    .replace(/<polygon fill="white" stroke="none"[^>]*\/>\n?/, '')
    .replace(/ xmlns:xlink="[^"]*"| xml:space="preserve"| font-family="[^"]*"/g, '')
    .replace(/<svg width="\d+pt" height="\d+pt"\s+/, `<svg width="${width}" height="${height}" role="img" aria-labelledby="title desc" `)
    .replace('>', `>\n<title id="title">${TITLE}</title>\n<desc id="desc">${DESCRIPTION}</desc>\n<style>\n${styles(colors)}\n</style>`);
}

async function main(): Promise<void> {
  // An ES module.
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const svg = (await Graphviz.load()).dot(readFileSync(path.join(ROOT, 'docs', 'architecture.dot'), 'utf8'), 'svg');
  writeOrCheck({ 'docs/architecture-light.svg': dressed(svg, LIGHT), 'docs/architecture-dark.svg': dressed(svg, DARK) }, 'npm run docs');
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
