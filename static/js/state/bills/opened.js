// Which difference is opened, by the address, and which are to be resolved while the dialog asks why.
import { computed, signal } from '@preact/signals';
import { params, setParam } from '../../router.js';

export const openedId = computed(() => params.value.get('id') || '');
export const isOpened = ({ id }) => String(id) === openedId.value;
export const open = (id) => setParam('id', id ? String(id) : '');
export const toggleOpen = (difference) => open(isOpened(difference) ? '' : difference.id);
export const resolving = signal(null); // a list of differences while the dialog is open
