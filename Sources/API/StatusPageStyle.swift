/// The look of the status page and the few lines that keep it current.
enum StatusPageStyle {
  static let sheet = """
    :root{--ink:#1d2127;--soft:#5d6673;--page:#f7f7f5;--card:#fff;--line:#e1e1dc;--good:#2b7a4b;
    --warn:#a15c00;--bad:#b3261e;--info:#2a5d9f}
    @media(prefers-color-scheme:dark){:root{--ink:#e8e8e4;--soft:#9aa3ad;--page:#16181b;
    --card:#1f2226;--line:#33373d;--good:#6cc592;--warn:#f0b25a;--bad:#ff8a80;--info:#8ab8f2}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--page);color:var(--ink);font:16px/1.45 system-ui,sans-serif;
    overflow-wrap:anywhere}
    header,main,footer{max-width:60rem;margin:0 auto;padding:0 1rem}
    h1{font-size:1.1rem;margin:1rem 0 .5rem}
    h2{font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);
    margin:1.75rem 0 .5rem}
    h3{margin:0;font-size:1rem}h3 b{font-weight:600;font-size:.85rem}
    .headline{margin:.5rem 0;padding:.9rem 1rem;border-radius:.5rem;background:var(--card);
    border-left:.35rem solid var(--good);font-size:1.25rem;font-weight:600}
    .headline span{display:block;font-size:.9rem;font-weight:400;color:var(--soft)}
    .headline.warn{border-color:var(--warn)}.headline.bad{border-color:var(--bad)}
    .alert{background:var(--card);border-left:.35rem solid var(--info);border-radius:.5rem;
    padding:.75rem 1rem;margin:.5rem 0}
    .alert.warn{border-color:var(--warn)}.alert.warn h3 b{color:var(--warn)}
    .alert.bad{border-color:var(--bad)}.alert.bad h3 b{color:var(--bad)}
    .alert.pending{border-color:var(--line)}.alert.pending h3 b{color:var(--soft)}
    .alert p{margin:.25rem 0 0}.summary{font-size:1.05rem}
    .facts,.labels,small{color:var(--soft);font-size:.85rem}
    .labels span{display:inline-block;border:1px solid var(--line);border-radius:.3rem;
    padding:0 .35rem;margin:.1rem .1rem 0 0}
    table{width:100%;border-collapse:collapse;background:var(--card);border-radius:.5rem}
    td{padding:.4rem .75rem;border-top:1px solid var(--line);vertical-align:top;font-size:.9rem}
    tr:first-child td{border-top:0}
    tr.bad td:nth-child(2){color:var(--bad)}tr.good td:nth-child(2){color:var(--good)}
    .number{text-align:right;white-space:nowrap;color:var(--soft)}
    .history{list-style:none;margin:0;padding:.25rem 0;background:var(--card);border-radius:.5rem}
    .history li{padding:.3rem .75rem;font-size:.9rem}
    .history time{color:var(--soft);display:inline-block;min-width:6.5rem}
    footer{color:var(--soft);font-size:.85rem;padding-bottom:2rem}a{color:inherit}
    @media(max-width:34rem){tr{display:block;padding:.4rem 0;border-top:1px solid var(--line)}
    tr:first-child{border-top:0}td{display:block;border:0;padding:0 .75rem}
    td.number{display:inline-block;text-align:left;padding-right:0}}
    """

  /// Fetches the page again every five seconds and swaps the content; a page that can't be fetched
  /// says so instead of showing old news as new.
  static let refresh = """
    setInterval(async()=>{if(document.hidden)return;const m=document.getElementById('content');
    try{const r=await fetch(location.pathname,{cache:'no-store'});if(!r.ok)throw 0;
    const d=new DOMParser().parseFromString(await r.text(),'text/html');
    m.replaceWith(d.getElementById('content'));document.title=d.title}
    catch(e){if(!document.getElementById('lost'))m.insertAdjacentHTML('afterbegin',
    '<p id="lost" class="headline bad">No answer from the daemon: this page is old</p>')}},5000)
    """
}
