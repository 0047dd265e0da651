/** Of the report; also readable in the dark and on paper. */
export const STYLE = `
:root{color-scheme:light;font:15px/1.5 system-ui,sans-serif}
body{margin:0;background:#fff;color:#111}
main{max-width:1000px;margin:0 auto;padding:1.5rem}
h1{margin:0 0 .5rem}h2{font-size:1.05rem;margin:1.5rem 0 .4rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #ddd;font-variant-numeric:tabular-nums}
.good{color:#047857}.bad,.bad td{color:#b91c1c}
pre{white-space:pre-wrap;background:#f4f4f5;padding:.8rem;max-height:30rem;overflow:auto}
@media print{section{break-inside:avoid}}
`;
