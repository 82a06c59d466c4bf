/** A metric in the Region of its dashboard. */
export interface Counted {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly periodMinutes: number;
}

/** One line of a graph, or one number. */
export type Series = { readonly label: string; readonly color: string } & (
  | { readonly counted: Counted }
  | { readonly expression: string; readonly uses: Readonly<Record<string, Counted>> });

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Measured {
  readonly title: string;
  readonly series: readonly Series[];
  /** Shows so many days, whatever the dashboard shows. */
  readonly days?: number;
}

export type Widget = Size & (
  | { readonly kind: 'text'; readonly markdown: string }
  /** Of every alarm of the Region. */
  | { readonly kind: 'alarms'; readonly title: string }
  /** `isSum`: over all of the time that is shown, and not the newest. */
  | Measured & { readonly kind: 'numbers'; readonly isSum?: true }
  /** `limit`: what is above is not good. */
  | Measured & { readonly kind: 'graph'; readonly limit?: { readonly value: number; readonly label: string } });

type Shape<K> = K extends { readonly kind: string } ? Omit<K, keyof Size> : never;

/** What stands beside a text, whose place follows from the others: several in a list stand above each other. */
export type Panel = Shape<Exclude<Widget, { readonly kind: 'text' | 'alarms' }>>;

/** Widgets beside each other; a list of them stands above each other. */
export type Row = readonly (Widget | readonly Widget[])[];

/** CloudWatch's grid. */
export const COLUMNS = 24;
const TEXT_COLUMNS = 6;
const BAND_HEIGHT = 5;
/** Of a text alone, over the whole width. */
const TEXT_HEIGHT = 3;

/** One question: on the left what is good, and where to go on; on the right what there is. */
export function band(markdown: string, panels: readonly (Panel | readonly Panel[])[]): Row {
  if (panels.length === 0) return textRow(markdown);
  const shares = panels.map(panel => isNumbers(panel) ? 1 : 2);
  let [columns, share] = [COLUMNS - TEXT_COLUMNS, shares.reduce((sum, each) => sum + each, 0)];
  const cells = panels.map((panel, n) => {
    const width = Math.round(columns * shares[n] / share);
    [columns, share] = [columns - width, share - shares[n]];
    return isList(panel) ? stacked(panel, width) : { ...panel, width, height: BAND_HEIGHT };
  });
  return [{ kind: 'text', markdown, width: TEXT_COLUMNS, height: BAND_HEIGHT }, ...cells];
}

/** A number needs half as much room as a graph. */
function isNumbers(panel: Panel | readonly Panel[]): boolean {
  return (isList(panel) ? panel : [panel]).every(({ kind }) => kind === 'numbers');
}

function stacked(panels: readonly Panel[], width: number): Widget[] {
  let height = BAND_HEIGHT;
  return panels.map((panel, n) => {
    const own = Math.ceil(height / (panels.length - n));
    height -= own;
    return { ...panel, width, height: own };
  });
}

/** A text over the whole width. */
export function textRow(markdown: string): Row {
  return [{ kind: 'text', markdown, width: COLUMNS, height: TEXT_HEIGHT }];
}

function isList(panel: Panel | readonly Panel[]): panel is readonly Panel[] {
  return Array.isArray(panel);
}

/** The console shows about as many beside each other over the whole width. */
const ALARMS_IN_A_ROW = 4;
const MOST_ALARM_ROWS = 5;

/** All alarms, those that are on first: what does not fit is fine. */
export function alarmsRow(alarms: number): Row {
  const rows = Math.min(MOST_ALARM_ROWS, Math.ceil(alarms / ALARMS_IN_A_ROW));
  return [{ kind: 'alarms', title: 'Alarms of this Region: those that are on come first', width: COLUMNS, height: rows + 1 }];
}

export function links(targets: Readonly<Record<string, string>>): string {
  return Object.entries(targets).map(([text, url]) => `[${text}](${url})`).join(' · ');
}

export function buttons(targets: Readonly<Record<string, string>>): string {
  return Object.entries(targets).map(([text, url], n) => `[button:${n === 0 ? 'primary:' : ''}${text}](${url})`).join(' ');
}
