namespace PlexSync.Cli.Output;

/// <summary>
/// How a page looks, and what its search does. Neither holds an angle bracket to the left or an ampersand, so that both are also
/// well-formed XML.
/// </summary>
internal static class ReportAssets
{
    public const string Style = """
        :root{color-scheme:light;--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;--w:#1a7f37;--p:#0969da;--u:#9a6700;
          --r:#8250df;--s:#6e7781;--f:#cf222e}
        @media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--bg:#0d1117;--fg:#e6edf3;--soft:#9da7b3;--line:#30363d;
          --card:#161b22;--w:#3fb950;--p:#58a6ff;--u:#d29922;--r:#bc8cff;--s:#8b949e;--f:#ff7b72}}
        *{box-sizing:border-box}
        html{background:var(--bg);color:var(--fg);font:100%/1.45 system-ui,sans-serif}
        body{margin:0 auto;max-width:72rem;padding:1rem;overflow-wrap:anywhere}
        h1{font-size:1.6rem;margin:.5rem 0}
        h2{font-size:1.3rem;margin:2rem 0 .5rem;border-top:1px solid var(--line);padding-top:1rem}
        #find + section h2{border:0;padding:0;margin-top:1rem}
        h3{font-size:1.1rem;margin:1.5rem 0 .5rem}
        h4{display:inline;font-size:1rem;margin:0}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}
        dt,caption,small{color:var(--soft)}
        dd{margin:0}
        .note{border-left:.3rem solid var(--p);background:var(--card);padding:.5rem .8rem;margin:.6rem 0}
        .bad{border-color:var(--f)}
        .warn{border-color:var(--u)}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;width:100%}
        caption{text-align:left;font-size:.85rem;padding:.3rem 0}
        th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid var(--line);font-weight:400}
        thead th,tfoot th,tfoot td{font-size:.85rem;font-weight:600}
        .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        .sum th:first-child{min-width:7rem;width:50%}
        .rows{table-layout:fixed}
        .rows th:first-child{width:44%}
        .rows th:last-child{width:16%}
        .rows small,.sum small{display:block}
        .key{display:inline-block;width:.7rem;height:.7rem;margin-right:.3rem;border-radius:2px}
        .stack,.bar{display:flex;height:.5rem;margin-top:.3rem;border-radius:3px;overflow:hidden}
        .stack{height:.8rem;gap:1px}
        .bar{background:var(--line);max-width:12rem}
        .stack i{min-width:2px}
        .bar i{background:var(--p)}
        .key,.stack i,.bar,.bar i{-webkit-print-color-adjust:exact;print-color-adjust:exact}
        .cw{background:var(--w)}
        .cp{background:var(--p)}
        .cu{background:var(--u)}
        .cr{background:var(--r)}
        .cs{background:var(--s)}
        .cf{background:var(--f)}
        .yes{color:var(--w)}
        .no{color:var(--soft)}
        .of td:last-child,.oq td:last-child{color:var(--f)}
        .os td:last-child{color:var(--u)}
        summary{cursor:pointer;padding:.35rem 0}
        summary span{color:var(--soft)}
        .group{border-left:2px solid var(--line);padding-left:.6rem;content-visibility:auto;contain-intrinsic-size:auto 2.2rem}
        .group caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        #find{position:sticky;top:0;background:var(--bg);border-bottom:1px solid var(--line);padding:.6rem 0;display:flex;flex-wrap:wrap;
          gap:.5rem 1rem;align-items:end;z-index:1}
        #find label{display:block;font-size:.85rem}
        input,select{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:4px;padding:.3rem .4rem;
          max-width:100%}
        :focus-visible{outline:3px solid var(--p);outline-offset:2px}
        [hidden]{display:none!important}
        footer{margin-top:2rem;color:var(--soft);font-size:.85rem}
        @media (max-width:40rem){body{padding:.6rem}th,td{padding:.25rem .3rem}.rows{font-size:.85rem}.rows th:first-child{width:34%}
          .rows th:last-child{width:24%}.sum{font-size:.8rem}.sum th,.sum td{padding:.25rem .1rem}.rows thead th{font-size:.72rem}
          .sum thead .n{font-size:.66rem;white-space:normal;overflow-wrap:normal}.sum th:first-child{width:30%;min-width:4.2rem}
          .sum thead .key{display:block;margin:0 0 .2rem auto}}
        @media print{#find{display:none!important}body{max-width:none;padding:0}tr,.note,summary{break-inside:avoid}
          summary,h2,h3{break-after:avoid}.wide{overflow:visible}.group{content-visibility:visible}
          details::details-content{content-visibility:visible;block-size:auto}}
        """;

    /// <summary>Search and filter; the page is whole without it.</summary>
    public const string Script = """
        (function () {
          'use strict';
          var find = document.getElementById('find'), query = document.getElementById('query');
          var show = document.getElementById('show'), shown = document.getElementById('shown');
          var language = document.documentElement.lang, most = 500, timer;
          function plain(text) {
            return (/^[ -~]*$/.test(text) ? text : text.normalize('NFD')).replace(/[\u0300-\u036f]/g, '').toLowerCase();
          }
          function list(of, what) { return Array.prototype.slice.call(of.querySelectorAll(what)); }
          var groups = list(document, '.group').map(function (node) {
            var rows = list(node, 'tbody tr').map(function (row) { return { node: row, text: null }; });
            return { node: node, open: node.open, name: null, rows: rows };
          });
          var libraries = list(document, '.library');
          var total = groups.reduce(function (sum, group) { return sum + group.rows.length; }, 0);
          function apply() {
            var word = plain(query.value.trim()), kind = show.value, count = 0;
            groups.forEach(function (group) {
              // Only the name of a show stands for all that is in it; films are headed by the first and the last of them.
              if (group.name === null) {
                group.name = group.node.classList.contains('show') ? plain(group.node.querySelector('summary').textContent) : '';
              }
              var all = word === '' || group.name.includes(word);
              group.left = 0;
              group.rows.forEach(function (row) {
                var fits = kind === '' || row.node.classList.contains(kind);
                if (fits) {
                  if (all === false) {
                    if (row.text === null) { row.text = plain(row.node.firstChild.textContent); }
                    fits = row.text.includes(word);
                  }
                }
                row.fits = fits;
                if (fits) { group.left++; }
              });
              // Rows of a group that is hidden whole are left as they are.
              if (group.left > 0) {
                group.rows.forEach(function (row) { if (row.node.hidden === row.fits) { row.node.hidden = !row.fits; } });
              }
              count += group.left;
            });
            var isAll = word === '' ? kind === '' : false;
            groups.forEach(function (group) {
              group.node.hidden = group.left === 0;
              if ('open' in group.node) { group.node.open = isAll ? group.open : most >= count; }
            });
            libraries.forEach(function (library) {
              library.hidden = isAll ? false : library.querySelector('.group:not([hidden])') === null;
            });
            shown.textContent = isAll ? '' : shown.dataset.text.replace('{0}', count.toLocaleString(language))
              .replace('{1}', total.toLocaleString(language));
          }
          function soon() { clearTimeout(timer); timer = setTimeout(apply, 150); }
          query.addEventListener('input', soon);
          show.addEventListener('change', apply);
          var parts = list(document, 'details'), open = [];
          window.addEventListener('beforeprint', function () {
            open = parts.map(function (part) { return part.open; });
            parts.forEach(function (part) { part.open = true; });
          });
          window.addEventListener('afterprint', function () { parts.forEach(function (part, at) { part.open = open[at]; }); });
          find.hidden = false;
        })();
        """;
}
