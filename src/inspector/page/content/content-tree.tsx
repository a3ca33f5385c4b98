import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

/** Down to this depth, the content is open at first. */
const OPEN_DEPTH = 1;

/** Shows content as a tree that can be opened and closed. */
export function ContentTree({ value }: { readonly value: unknown }): JSX.Element {
  if (typeof value !== 'object' || value === null) return <Plain value={value} />;
  return <Fields value={value} depth={0} />;
}

function Fields({ value, depth }: { readonly value: object; readonly depth: number }): JSX.Element {
  const entries = Object.entries(value);
  if (entries.length === 0) return <small>{Array.isArray(value) ? 'empty list' : 'no fields'}</small>;
  return (
    <ul class="content-tree">
      {entries.map(([key, field]) => (
        <li key={key}>
          {typeof field === 'object' && field !== null ? (
            <Branch name={key} value={field} depth={depth} />
          ) : (
            <>
              <span class="content-key">{key}</span> <Plain value={field} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

interface BranchProps {
  readonly name: string;
  readonly value: object;
  readonly depth: number;
}

function Branch({ name, value, depth }: BranchProps): JSX.Element {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH);
  const count = Object.keys(value).length;
  const [one, many] = Array.isArray(value) ? ['item', 'items'] : ['field', 'fields'];
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span class="content-key">{name}</span>{' '}
        <small>
          {count} {count === 1 ? one : many}
        </small>
      </summary>
      {isOpen && <Fields value={value} depth={depth + 1} />}
    </details>
  );
}

function Plain({ value }: { readonly value: unknown }): JSX.Element {
  return (
    <code class={`content-${value === null ? 'null' : typeof value}`}>{JSON.stringify(value) ?? 'undefined'}</code>
  );
}
