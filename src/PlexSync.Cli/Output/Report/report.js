// What the page does beyond being read: local times, buttons that copy, search and filter. It is whole without.
// There is no ampersand and no angle bracket to the left in here, so that the page is well-formed XML, too.
(() => {
  'use strict';
  const language = document.documentElement.lang;
  const list = (of, what) => Array.from(of.querySelectorAll(what));

  for (const time of list(document, 'time')) {
    time.title = time.textContent;
    time.textContent = new Date(time.dateTime).toLocaleString(language, { dateStyle: 'long', timeStyle: 'short' });
  }

  for (const button of list(document, '.command button')) {
    const code = button.previousElementSibling, text = button.textContent;
    const done = () => {
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = text; }, 2000);
    };
    // The clipboard may be refused to a page from a file; then the command is at least selected.
    const select = () => {
      getSelection().selectAllChildren(code);
      if (document.execCommand('copy')) { done(); }
    };
    button.addEventListener('click', () => {
      if (navigator.clipboard) { navigator.clipboard.writeText(code.textContent).then(done, select); } else { select(); }
    });
    button.hidden = false;
  }

  const parts = list(document, 'details');
  let open = [];
  addEventListener('beforeprint', () => {
    open = parts.map(part => part.open);
    for (const part of parts) { part.open = true; }
  });
  addEventListener('afterprint', () => parts.forEach((part, at) => { part.open = open[at]; }));

  const find = document.getElementById('find');
  if (find === null) { return; }
  const query = document.getElementById('query'), show = document.getElementById('show'), shown = document.getElementById('shown');
  const plain = text => (/^[ -~]*$/.test(text) ? text : text.normalize('NFD').replace(/[\u0300-\u036f]/g, '')).toLowerCase();
  const most = 500;
  let groups = null, total = 0, timer;

  // Made at the first search: nobody should wait for it who only reads.
  function prepare() {
    groups = list(document, '.group, .skip').map(node => {
      const isSkip = node.classList.contains('skip');
      // Only the name of a show stands for all that is in it; films are headed by the first and the last of them.
      const name = node.classList.contains('show') ? plain(node.querySelector('summary bdi').textContent) : '';
      const rows = list(node, isSkip ? 'li' : 'tbody tr').map(row => ({ node: row, text: null, fits: true }));
      total += isSkip ? 0 : rows.length;
      return { node, isSkip, name, rows, open: node.open };
    });
  }

  function apply() {
    if (groups === null) { prepare(); }
    const word = plain(query.value.trim()), kind = show.value, isAll = (word || kind) === '';
    let count = 0;
    for (const group of groups) {
      const isNamed = word === '' || group.name.includes(word);
      group.left = 0;
      for (const row of group.rows) {
        row.fits = kind === '' || (group.isSkip ? kind === 'os' : row.node.classList.contains(kind));
        if (isNamed === false) {
          if (row.text === null) { row.text = plain((group.isSkip ? row.node : row.node.firstElementChild).textContent); }
          row.fits = row.fits ? row.text.includes(word) : false;
        }
        group.left += row.fits ? 1 : 0;
      }
      count += group.isSkip ? 0 : group.left;
    }
    for (const group of groups) {
      group.node.hidden = group.left === 0;
      group.node.open = isAll ? group.open : most >= (group.isSkip ? group.left : count);
      // Rows of a group that is hidden whole are left as they are.
      if (group.left > 0) {
        for (const row of group.rows) {
          if (row.node.hidden === row.fits) { row.node.hidden = !row.fits; }
        }
      }
    }
    for (const part of list(document, '.library, .part, section')) {
      part.hidden = isAll ? false : part.querySelector('.group:not([hidden]), .skip:not([hidden])') === null;
    }
    find.removeAttribute('aria-busy');
    document.body.classList.toggle('searching', !isAll);
    shown.textContent = isAll ? ''
      : shown.dataset.text.replace('{0}', count.toLocaleString(language)).replace('{1}', total.toLocaleString(language));
  }

  query.addEventListener('input', () => {
    find.setAttribute('aria-busy', 'true');
    clearTimeout(timer);
    timer = setTimeout(apply, 150);
  });
  show.addEventListener('change', apply);
  find.hidden = false;
})();
