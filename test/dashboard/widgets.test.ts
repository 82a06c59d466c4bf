import { alarmsRow, band, buttons, COLUMNS, links, Panel, Row, Widget } from '../../src/dashboard/widgets';

const number: Panel = { kind: 'numbers', title: 'n', series: [] };
const graph: Panel = { kind: 'graph', title: 'g', series: [] };
const sizes = (row: Row) => row.map(cell => (Array.isArray(cell) ? cell as readonly Widget[] : [cell as Widget]).map(({ width, height }) => `${width}x${height}`).join('+'));

test.each<[string, Parameters<typeof band>[1], string[]]>([
  ['a text alone', [], ['24x3']],
  ['one graph', [graph], ['6x5', '18x5']],
  ['two graphs', [graph, graph], ['6x5', '9x5', '9x5']],
  ['three graphs', [graph, graph, graph], ['6x5', '6x5', '6x5', '6x5']],
  ['numbers, half as wide as a graph', [number, graph], ['6x5', '6x5', '12x5']],
  ['numbers above each other, and two graphs', [[number, number], graph, graph], ['6x5', '4x3+4x2', '7x5', '7x5']],
  ['numbers last', [graph, graph, number], ['6x5', '7x5', '7x5', '4x5']],
])('a band of %s fills the grid', (_what, panels, expected) => {
  const row = band('text', panels);
  expect(sizes(row)).toEqual(expected);
  expect(sizes(row).reduce((sum, size) => sum + Number(size.split('x')[0]), 0)).toBe(COLUMNS);
});

test.each([[1, 2], [4, 2], [5, 3], [14, 5], [20, 6], [90, 6]])('%d alarms have a height of %d: beyond, those that are on come first', (alarms, height) => {
  expect(sizes(alarmsRow(alarms))).toEqual([`24x${height}`]);
});

test('links and buttons are Markdown', () => {
  expect(links({ One: 'https://a', Two: 'https://b' })).toBe('[One](https://a) · [Two](https://b)');
  expect(buttons({ One: 'https://a', Two: 'https://b' })).toBe('[button:primary:One](https://a) [button:Two](https://b)');
});
