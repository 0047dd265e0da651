# Makes a configuration of its template (see the head of alertmanager.yml.template). Plain awk, for it also runs in Alertmanager's own image:
#   ALERT_HOME=... awk -f render.awk alertmanager.yml.template
# ALERT_HOME is the folder of this file, ALERT_SECRETS the folder with the keys (default: secrets in it).

BEGIN {
  if (ENVIRON["ALERT_HOME"] == "") fail("ALERT_HOME is not set: the folder with alertmanager.yml.template")
  secrets = ENVIRON["ALERT_SECRETS"] != "" ? ENVIRON["ALERT_SECRETS"] : ENVIRON["ALERT_HOME"] "/secrets"
  depth = 0
  dropped = 0
}

/^ *#(if|unless) / {
  depth++
  found = 0
  for (i = 2; i <= NF; i++) if (given($i)) found = 1
  if ($1 == "#unless") found = !found
  if (dropped == 0 && !found) dropped = depth
  next
}

/^ *#end *$/ {
  if (depth == 0) fail("#end without #if in line " NR)
  if (dropped == depth) dropped = 0
  depth--
  next
}

dropped == 0 { print filled($0) }

END { if (!failed && depth > 0) fail("#if without #end") }

# A name in capitals is a variable, any other one a file in the folder of secrets that is not empty.
function given(name,   line, ok) {
  if (name ~ /^[A-Z]/) return ENVIRON[name] != ""
  ok = (getline line < (secrets "/" name)) > 0 && line != ""
  close(secrets "/" name)
  return ok
}

function filled(line,   done, expression, name, fallback) {
  # The head of the template explains itself.
  if (line ~ /^ *#/) return line
  done = ""
  while (match(line, /\$\{[A-Z][A-Z0-9_]*(:-[^}]*)?\}/)) {
    expression = substr(line, RSTART + 2, RLENGTH - 3)
    name = expression
    fallback = ""
    if (index(expression, ":-") > 0) {
      name = substr(expression, 1, index(expression, ":-") - 1)
      fallback = substr(expression, index(expression, ":-") + 2)
    } else if (name != "ALERT_SECRETS" && ENVIRON[name] == "") fail(name " is needed in line " NR " and not set")
    done = done substr(line, 1, RSTART - 1) quoted(name == "ALERT_SECRETS" ? secrets : ENVIRON[name] != "" ? ENVIRON[name] : fallback)
    line = substr(line, RSTART + RLENGTH)
  }
  return done line
}

# For use between single quotes, as all text is in the template; numbers and durations have none in them.
function quoted(text) {
  gsub(/'/, "''", text)
  return text
}

function fail(message) {
  print "alertmanager.yml.template: " message > "/dev/stderr"
  failed = 1
  exit 1
}
