// A plugin of prettier that lays out the console's html`…` templates: one element a line. Prettier's own
// layout of HTML does not know htm, where a component is ${its value} and where white space counts
// only if it holds no newline. So a line is broken only where htm drops what the break adds.
import { doc } from 'prettier';
import { printers } from 'prettier/plugins/estree';

const { align, group, hardline, indent, label, line, softline } = doc.builders;
const HOLE = '\uE000'; // stands for one ${…} in the text of a template

const isHtml = (node) => node?.type === 'TaggedTemplateExpression' && node.tag.name === 'html';

// --- reading ---------------------------------------------------------------------------------------

// The tree of a template: texts, holes by their number, and elements with their attributes as text.
class Reader {
  constructor(quasis) {
    this.text = quasis.map(({ value }) => value.raw).join(HOLE);
    this.at = 0;
    this.hole = 0;
  }

  all() {
    const nodes = this.children();
    if (this.at < this.text.length) this.fail(`“${this.text.slice(this.at)}” ends nothing`);
    return nodes;
  }

  fail(what) {
    throw new SyntaxError(`html template: ${what}`);
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) this.fail(`cannot read “${this.text.slice(this.at, this.at + 40)}”`);
    this.at += found.length;
    return found;
  }

  // Text and the numbers of its holes, in order.
  parts(text) {
    return text
      .split(HOLE)
      .flatMap((piece, i) => (i ? [this.hole++, piece] : [piece]))
      .filter((part) => part !== '');
  }

  children() {
    const found = [];
    while (this.at < this.text.length && !this.text.startsWith('</', this.at)) {
      if (this.text[this.at] === '<') found.push(this.element());
      else found.push(...this.words(this.take(/[^<]+/y)));
    }
    return found;
  }

  // As htm does it: a text loses the white space at its ends where that holds a newline.
  words(text) {
    const trimmed = text.split(HOLE).map((piece) => piece.replace(/^\s*\n\s*|\s*\n\s*$/g, ''));
    if (trimmed.some((piece) => piece.includes('\n'))) this.fail(`a text of two lines “${text}”`);
    return this.parts(trimmed.join(HOLE)).map((part) => (typeof part === 'number' ? { hole: part } : { text: part }));
  }

  element() {
    const name = this.parts(this.take(/<[^\s/>]+/y));
    const attributes = [];
    for (;;) {
      this.take(/\s*/y);
      if (this.text.startsWith('/>', this.at)) return { name, attributes, empty: this.take(/\/>/y) };
      if (this.text[this.at] === '>') break;
      attributes.push(this.parts(this.take(/[^\s=>/]+(=("[^"]*"|'[^']*'|(\/(?!>)|[^\s>/])+))?/y)));
    }
    this.take(/>/y);
    const children = this.children();
    const end = this.parts(this.take(/<\/[^>]*>/y));
    if (typeof name[1] !== 'number' && end[0] !== `</${name[0].slice(1)}>`) this.fail(`${end[0]} for ${name[0]}>`);
    return { name, attributes, children, end };
  }
}

// --- printing --------------------------------------------------------------------------------------

// What prettier would not put on a line of its own behind an opening bracket either.
const HUGGED = /^(Identifier|.*(Member|Call|ArrowFunction|Object|Array|TaggedTemplate)Expression|.*Literal)$/;

function holdsHtml(node) {
  const inside = printers.estree.getVisitorKeys(node).flatMap((key) => node[key]);
  return isHtml(node) || inside.some((child) => child && holdsHtml(child));
}

// `… && html` and `… ? html : html` without a break before the template.
function printExpression(path, print) {
  const { node } = path;
  if (node.type === 'LogicalExpression' && holdsHtml(node.right)) {
    const right = path.call((found) => printExpression(found, print), 'right');
    const whole = node.right.type === 'ConditionalExpression' ? ['(', right, ')'] : right;
    return [print('left'), ` ${node.operator} `, whole];
  }
  if (node.type === 'ConditionalExpression' && holdsHtml(node)) {
    const branch = (name) => path.call((found) => align(2, printExpression(found, print)), name);
    const gap = holdsHtml(node.consequent) && holdsHtml(node.alternate) ? hardline : line;
    return group([print('test'), indent([gap, '? ', branch('consequent'), gap, ': ', branch('alternate')])]);
  }
  return print();
}

function template(nodes, path, print) {
  const { node } = path;
  const expression = (i) => node.expressions[i];
  const hole = (i) =>
    path.call(
      (found) => {
        const printed = printExpression(found, print);
        const bare = HUGGED.test(found.node.type) || holdsHtml(found.node);
        return bare ? ['${', printed, '}'] : group(['${', indent([softline, printed]), softline, '}']);
      },
      'expressions',
      i,
    );
  const written = (parts) => parts.map((part) => (typeof part === 'number' ? hole(part) : part));

  const isWords = (child) =>
    child.text !== undefined || (child.hole !== undefined && !holdsHtml(expression(child.hole)));
  const mayBreak = (before, after) => {
    if (/\s$/.test(before?.text ?? '') || /^\s/.test(after?.text ?? '')) return false;
    return !(before && after && isWords(before) && isWords(after) && (before.text ?? after.text) !== undefined);
  };

  function element({ name, attributes, empty, children, end }) {
    const open = attributes.length
      ? group([
          written(name),
          indent(attributes.map((attribute) => [line, written(attribute)])),
          empty ? [line, '/>'] : [softline, '>'],
        ])
      : [written(name), empty ? ' />' : '>'];
    return empty ? open : group([open, inside(children), written(end)]);
  }

  const printed = (child) => child.text ?? (child.hole === undefined ? element(child) : hole(child.hole));

  // What stands between two ends: on one line if it holds no more than so many elements.
  function inside(children, elements = 0) {
    if (!children.length) return '';
    const gap = children.filter((child) => !isWords(child)).length > elements ? hardline : softline;
    const at = (before, after) => (mayBreak(before, after) ? gap : '');
    const body = children.map((child, i) => [at(children[i - 1], child), printed(child)]);
    return [indent(body), mayBreak(undefined, children[0]) ? at(children.at(-1), undefined) : ''];
  }

  return group(['`', inside(nodes, 1), '`']);
}

function embed(path, options) {
  const { node, parent } = path;
  if (node.type !== 'TemplateLiteral' || !isHtml(parent)) return printers.estree.embed(path, options);
  // Read at once: prettier leaves a template as it is when an error comes later, and says nothing.
  const nodes = new Reader(node.quasis).all();
  return (textToDoc, print) => label({ embed: true }, template(nodes, path, print));
}

// `list.map((each) => html`…`)`: the template hangs on its call, as an object or a block would.
function printCall(path, options, print, args) {
  const { node } = path;
  const [only, second] = node.arguments ?? [];
  const hangs = only?.type === 'ArrowFunctionExpression' && isHtml(only.body) && !second && !node.optional;
  if (!hangs || !node.type.endsWith('CallExpression')) return printers.estree.print(path, options, print, args);
  return [print('callee'), '(', print(['arguments', 0]), ')'];
}

const estree = { ...printers.estree, print: printCall, embed: Object.assign(embed, printers.estree.embed) };

export default { printers: { estree } };
