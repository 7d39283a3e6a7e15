// The people who may have an alert: names and roles, asked for when somebody needs them.
import { get } from '../../http.js';
import { loader } from '../loader.js';
import { user } from '../session.js';

async function ask() {
  return (await get('people')).people;
}

export const assignees = loader(ask);
const mayAsk = () => user.value?.role !== 'viewer';
export const loadAssignees = () => mayAsk() && assignees.refresh();
