// The refunds that wait for an admin.
import { get } from '../../http.js';
import { loader } from '../loader.js';

export const approvals = loader(() => get('refunds?status=REQUESTED&limit=100'));
