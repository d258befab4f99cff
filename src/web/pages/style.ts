import { hash } from 'node:crypto';

/** The one stylesheet: phones first, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --back: #f6f8fa; --card: #fff; --accent: #0b5cad; --on-accent: #fff; --good: #1a6b34; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9da7b1; --line: #3d444d; --back: #0d1117; --card: #161b22; --accent: #6cb0f7; --on-accent: #06121f; --good: #63d487; --bad: #ff9089; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); overflow-wrap: anywhere; }
header, main { max-width: 42rem; margin: 0 auto; padding: 1rem; }
header, .reader, .head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; }
.brand { font-weight: 700; color: inherit; text-decoration: none; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 1rem; }
h2 { font-size: 1.1rem; margin: 0; }
p { margin: .5rem 0; }
small, .soft { color: var(--soft); }
a { color: var(--accent); }
ul.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .75rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
.state { font-size: .875rem; font-weight: 600; color: var(--soft); }
.state.connected { color: var(--good); }
.state.lost, .problem { color: var(--bad); }
.notice { border: 1px solid var(--line); border-left: .3rem solid var(--good); border-radius: .5rem; background: var(--card); padding: .6rem .8rem; margin: 0 0 1rem; }
.notice.problem { border-left-color: var(--bad); color: var(--text); }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: flex-start; margin-top: .75rem; }
form { margin: 0; }
label { display: block; font-weight: 600; margin: .75rem 0 .25rem; }
input { width: 100%; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--soft); border-radius: .5rem; padding: .6rem .7rem; }
button, .button { display: inline-block; min-height: 2.75rem; font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: .5rem; padding: .55rem 1rem; }
button.plain, summary { color: var(--accent); background: none; border: 1px solid var(--line); }
button.danger { color: var(--bad); background: none; border-color: var(--bad); }
form > button:not(:first-of-type), label + input + button { margin-top: 1rem; }
summary { min-height: 2.75rem; padding: .55rem 1rem; border-radius: .5rem; font-weight: 600; cursor: pointer; }
details p { max-width: 30rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

/** Changes with its content, so that browsers may keep it for ever. */
export const STYLE_PATH = `/connections/style.css?v=${hash('sha256', STYLE, 'base64url').slice(0, 16)}`;
