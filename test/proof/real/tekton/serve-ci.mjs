/**
 * A CI with `serveCi`, in a separate process, that answers as Tekton's specialist of the same name does.
 *
 *   node serve-ci.mjs '{"component": "apollo", "port": 21001, "modelPort": 40001, "title": …, "expertise": …, …}'
 */
import { serveCi } from '../library.mjs';

const { component, port, modelPort, model, title, expertise, description, systemPrompt } = JSON.parse(process.argv[2]);

async function handler({ type, content, signal }) {
  if (type !== 'chat') return `Received ${type} message. As ${title}, I specialize in ${expertise}.`;
  if (content === '') throw new Error('No content provided');
  const body = JSON.stringify({ model, prompt: `\n\nUser: ${content}\n\nAssistant:`, stream: false });
  const response = await fetch(`http://127.0.0.1:${modelPort}/api/generate`, { method: 'POST', body, signal });
  return response.ok ? (await response.json()).response : `Ollama error: ${response.status}`;
}

await serveCi({
  id: `${component}-ai`,
  component,
  description,
  systemPrompt,
  model: `ollama:${model}`,
  handler,
  listen: { port },
  correlation: 'ordered',
  streaming: 'none',
});
