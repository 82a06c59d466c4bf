/**
 * The page of a report, in Mustache, which escapes every value. It loads nothing and runs nothing, so that it can be kept, mailed and opened
 * anywhere; the policy in its head makes the browser hold that.
 */
export const PAGE_TEMPLATE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{title}}: {{result}}</title>
<style>
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1b1f24; --soft: #4d5761; --line: #c5ccd3; --head: #eef1f4;
  --good: #0b6b34; --bad: #b3161b; --neutral: #5c4a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --text: #e8ecf0; --soft: #b2bcc6; --line: #3d4751; --head: #20262d;
    --good: #6fd896; --bad: #ff9a94; --neutral: #e8cf6a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.25rem 0 .5rem; break-after: avoid; }
p { margin: 0 0 .5rem; }
.result { border: 2px solid currentColor; border-radius: .5rem; padding: .75rem 1rem; }
.result strong { font-size: 1.25rem; }
.result span { color: var(--text); display: block; }
table { width: 100%; border-collapse: collapse; margin: .5rem 0 0; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { background: var(--head); overflow-wrap: normal; }
tbody th { font-weight: 600; width: 26%; }
code { font: .85rem/1.4 ui-monospace, monospace; }
.blank { min-width: 8rem; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.neutral { color: var(--neutral); }
@media (max-width: 40rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr, tbody th, td { display: block; width: auto; }
  td::before { content: attr(data-column) ": "; color: var(--soft); font-weight: 400; }
  tr { margin-bottom: .75rem; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --text: #000000; --soft: #333333; --line: #888888; --head: #eeeeee;
    --good: #0b6b34; --bad: #b3161b; --neutral: #5c4a00;
  }
  @page { margin: 15mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
}
</style>
</head>
<body>
<main>
<h1>{{title}}</h1>
<p class="result {{tone}}"><strong>{{result}}</strong> <span>{{meaning}}</span></p>
{{#sections}}
<section>
<h2>{{heading}}</h2>
{{#paragraphs}}
<p>{{.}}</p>
{{/paragraphs}}
{{#table}}
<table>
<caption>{{caption}}</caption>
<thead><tr>{{#columns}}<th scope="col">{{.}}</th>{{/columns}}</tr></thead>
<tbody>
{{#rows}}
<tr><th scope="row">{{name}}</th>
{{#cells}}
<td class="{{tone}}{{#isBlank}} blank{{/isBlank}}" data-column="{{column}}"><{{element}}>{{text}}</{{element}}></td>
{{/cells}}
</tr>
{{/rows}}
</tbody>
</table>
{{/table}}
</section>
{{/sections}}
</main>
</body>
</html>
`;
