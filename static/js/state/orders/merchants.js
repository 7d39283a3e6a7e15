// The merchants of this house; a choice among them is offered only where there are several.
import { computed } from '@preact/signals';
import { get } from '../../http.js';
import { loader } from '../loader.js';

export const merchants = loader(async () => (await get('merchants')).merchants);
export const several = computed(() => ((merchants.data.value?.length ?? 0) > 1 ? merchants.data.value : []));
export const merchantOf = ({ appId }) => several.value.find(({ appIds }) => appIds.includes(appId));
