/**
 * Fills in `${NAMES}` in capitals, as envsubst does with a list of names; Nginx's own `$names` stay. Throws for a name without a value, so
 * that a template and its launcher cannot drift apart unnoticed.
 */
export function renderTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The template asks for \${${name}}, which has no value.`);
    return value;
  });
}
