import { ApiError, api, notify, useI18n } from '@jackfield/admin-ui/sdk';
import { computed, onScopeDispose, reactive, ref, shallowRef, watch } from 'vue';
import { addNode, moveNode, type RemovedNode, removeNode, restoreNode } from './edit.ts';
import type {
  Definition,
  DestinationOption,
  Exit,
  FlowDetail,
  NodeTypeInfo,
  Problem,
  Validation,
} from './shapes.ts';

/** Pause after the last change before the flow is looked at again, in milliseconds. */
const VALIDATE_AFTER_MS = 400;

/** One flow in the editor: its draft, what is wrong with it, and what can be done. */
export function useFlowEditor(flowId: string) {
  const { t } = useI18n();
  const flow = shallowRef<FlowDetail | null>(null);
  const failure = shallowRef<unknown>(null);
  const types = shallowRef<ReadonlyMap<string, NodeTypeInfo>>(new Map());
  const destinations = shallowRef<readonly DestinationOption[]>([]);
  const model = reactive<{ name: string; definition: Definition }>({
    name: '',
    definition: { start: '', nodes: [] },
  });
  const clean = ref('');
  const dirty = computed(() => flow.value !== null && JSON.stringify(model) !== clean.value);
  const problems = shallowRef<readonly Problem[]>([]);
  const exits = reactive<Record<string, readonly Exit[]>>({});
  const removed = ref<RemovedNode[]>([]);
  const busy = ref(false);

  function take(detail: FlowDetail): void {
    flow.value = detail;
    model.name = detail.name;
    model.definition = structuredClone(detail.definition);
    clean.value = JSON.stringify(model);
    removed.value = [];
  }

  async function load(): Promise<void> {
    failure.value = null;
    try {
      const [detail, nodeTypes, options] = await Promise.all([
        api.get<FlowDetail>(`ivr/flows/${flowId}`),
        api.get<{ items: NodeTypeInfo[] }>('ivr/node-types'),
        api.get<{ items: DestinationOption[] }>('ivr/destinations'),
      ]);
      types.value = new Map(nodeTypes.items.map((type) => [type.type, type]));
      destinations.value = options.items;
      take(detail);
      await validate();
    } catch (error) {
      failure.value = error;
    }
  }

  let newest = 0;
  async function validate(): Promise<void> {
    const mine = ++newest;
    try {
      const result = await api.post<Validation>('ivr/validate', { definition: model.definition });
      if (mine !== newest) return;
      problems.value = result.problems;
      // While settings are not valid the exits stay on the screen as they were.
      for (const [id, list] of Object.entries(result.exits)) if (list) exits[id] = list;
    } catch (error) {
      // A value that cannot even be a draft is told when it is saved.
      if (!ApiError.is(error) || error.code !== 'VALIDATION_FAILED') notify.error(error);
    }
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    () => JSON.stringify(model.definition),
    () => {
      clearTimeout(timer);
      timer = setTimeout(() => void validate(), VALIDATE_AFTER_MS);
    },
  );
  onScopeDispose(() => clearTimeout(timer));

  /** Runs what a button asks for; refused values and problems are shown, and false says that it did not happen. */
  async function attempt(work: () => Promise<FlowDetail>, done: string): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    try {
      take(await work());
      notify.success(t(done));
      return true;
    } catch (error) {
      if (ApiError.is(error) && Array.isArray(error.details.problems)) {
        problems.value = error.details.problems as Problem[];
        notify.warning(t('editor.notPublishable'));
      } else if (ApiError.is(error) && error.errors.length > 0) {
        notify.warning(
          error.errors.map(({ path, message }) => `${path.replace(/^body\./, '')}: ${message}`).join(' '),
        );
      } else notify.error(error);
      return false;
    } finally {
      busy.value = false;
    }
  }
  const draft = () => ({ name: model.name.trim(), definition: model.definition });
  const revision = () => flow.value?.revision ?? 0;

  return {
    flow,
    failure,
    types,
    destinations,
    model,
    dirty,
    problems,
    exits,
    removed,
    busy,
    load,
    save: () =>
      attempt(() => api.put(`ivr/flows/${flowId}`, { ...draft(), revision: revision() }), 'common.saved'),
    publish: () =>
      attempt(
        () =>
          api.post(`ivr/flows/${flowId}/publish`, {
            revision: revision(),
            ...(dirty.value ? { draft: draft() } : {}),
          }),
        'editor.published',
      ),
    withdraw: () => attempt(() => api.post(`ivr/flows/${flowId}/withdraw`), 'editor.withdrawn'),
    republish: (version: number) =>
      attempt(() => api.post(`ivr/flows/${flowId}/versions/${version}/publish`), 'editor.published'),
    /** Puts a version's definition on the screen; nothing is stored until it is saved. */
    async loadVersion(version: number): Promise<void> {
      const { definition } = await api.get<{ definition: Definition }>(
        `ivr/flows/${flowId}/versions/${version}`,
      );
      model.definition = definition;
      removed.value = [];
    },
    add(type: NodeTypeInfo): string {
      return addNode(model.definition, type.type, type.schema).id;
    },
    remove(id: string): void {
      const taken = removeNode(model.definition, id);
      if (taken) removed.value.push(taken);
    },
    undoRemove(): string | null {
      const last = removed.value.pop();
      if (!last) return null;
      restoreNode(model.definition, last);
      return last.node.id;
    },
    move: (id: string, by: 1 | -1) => moveNode(model.definition, id, by),
  };
}
export type FlowEditor = ReturnType<typeof useFlowEditor>;
