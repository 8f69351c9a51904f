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

  const find = document.getElementById('find'), query = document.getElementById('query');
  const show = document.getElementById('show'), shown = document.getElementById('shown');
  const plain = text => (/^[ -~]*$/.test(text) ? text : text.normalize('NFD').replace(/[\u0300-\u036f]/g, '')).toLowerCase();
  const most = 500;
  let groups = [], total = 0, timer;

  // Made at the first search, so that opening the page does not wait for it. Of 100,000 rows, only those are looked at that may be found.
  function prepare() {
    groups = list(document, '.group, .skip').map(node => {
      const isSkip = node.classList.contains('skip'), rows = node.lastElementChild;
      // Only the name of a show stands for all that is in it; films are headed by the first and the last of them.
      const name = node.classList.contains('show') ? plain(node.querySelector('summary bdi').textContent) : '';
      const group = { node, isSkip, name, open: node.open, text: plain(rows.textContent), rows: null, texts: null, fits: null, left: 0 };
      group.size = isSkip ? rows.childElementCount : rows.tBodies[0].rows.length;
      total += isSkip ? 0 : group.size;
      node.firstElementChild.addEventListener('click', () => hide(group));
      return group;
    });
  }

  // Finds out which rows of a group fit; null stands for all of them.
  function match(group, word, kind) {
    const isNamed = group.name.includes(word), isKind = kind === '' || (group.isSkip ? kind === 'Skipped' : null);
    if (isKind === false || !(isNamed || group.text.includes(word))) { return []; }
    if (isNamed ? isKind : false) { return null; }
    group.rows = group.rows || list(group.node, group.isSkip ? 'li' : 'tbody tr');
    group.texts = group.texts || group.rows.map(row => plain((group.isSkip ? row : row.firstElementChild).textContent));
    return group.rows.map((row, at) => (isKind || row.classList.contains(kind)) ? isNamed || group.texts[at].includes(word) : false);
  }

  // Rows of a group that is folded are left as they are until it is opened.
  function hide(group) {
    if (group.fits === null) {
      for (const row of group.rows || []) { row.hidden = false; }
    } else if (group.left > 0) {
      group.rows.forEach((row, at) => { row.hidden = !group.fits[at]; });
    }
  }

  function apply() {
    if (groups.length === 0) { prepare(); }
    const word = plain(query.value.trim()), kind = show.value, isAll = (word || kind) === '';
    let count = 0;
    for (const group of groups) {
      group.fits = match(group, word, kind);
      group.left = group.fits === null ? group.size : group.fits.filter(fits => fits).length;
      count += group.isSkip ? 0 : group.left;
    }
    for (const group of groups) {
      group.node.hidden = group.left === 0;
      group.node.open = isAll ? group.open : most >= (group.isSkip ? group.left : count);
      if (group.node.open) { hide(group); }
    }
    for (const part of list(document, '.library, .part, section')) {
      part.hidden = isAll ? false : part.querySelector('.group:not([hidden]), .skip:not([hidden])') === null;
    }
    find.removeAttribute('aria-busy');
    document.body.classList.toggle('searching', !isAll);
    shown.textContent = isAll ? ''
      : shown.dataset.text.replace('{0}', count.toLocaleString(language)).replace('{1}', total.toLocaleString(language));
  }

  if (find) {
    query.addEventListener('input', () => {
      find.setAttribute('aria-busy', 'true');
      clearTimeout(timer);
      timer = setTimeout(apply, 150);
    });
    show.addEventListener('change', apply);
    find.hidden = false;
  }

  const parts = list(document, 'details');
  let open = [];
  addEventListener('beforeprint', () => {
    open = parts.map(part => part.open);
    groups.forEach(hide);
    for (const part of parts) { part.open = true; }
  });
  addEventListener('afterprint', () => parts.forEach((part, at) => { part.open = open[at]; }));
})();
