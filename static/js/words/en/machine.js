// What an alert says about a complaint and about the machine itself, in English. Keys as in zh/machine.js.
export default {
  'why.complaint': 'A buyer complained to WeChat.',
  'lead.complaint': 'A buyer complained to WeChat.',
  'rule.complaint':
    'WeChat counts the first reply (by 24:00 of the next day) and the end (by 24:00 of the third day after).',
  'todo.complaint': 'Answer and finish it under Complaints; the case ends by itself.',
  'why.complaint_told': 'WeChat tells of complaint {complaint} ({action}).',
  'lead.complaint_told': 'WeChat tells of complaint {complaint} to account {account}: {action}.',
  'why.complaint_reply_due': 'Complaint {complaint}: no answer yet, due by 24:00 of {day}.',
  'lead.complaint_reply_due':
    'Complaint {complaint} to account {account} has no answer: due by 24:00 of {day}, China time.',
  'why.complaint_user_waits': 'Complaint {complaint}: the buyer wrote again and waits.',
  'lead.complaint_user_waits':
    'The buyer of complaint {complaint} to account {account} wrote again and waits: finish it by 24:00 of {day}.',
  'why.complaint_finish_due': 'Complaint {complaint}: not finished, due by 24:00 of {day}.',
  'lead.complaint_finish_due':
    'Complaint {complaint} to account {account} was answered and is not finished: due by 24:00 of {day}, China time.',
  'why.complaint_overdue': 'Complaint {complaint}: late since 24:00 of {day}.',
  'lead.complaint_overdue':
    'Complaint {complaint} to account {account} is late: it was due by 24:00 of {day}, China time.',
  'why.complaints_unread': 'The list of complaints of account {account} cannot be read ({problem}).',
  'lead.complaints_unread':
    "WeChat's list of complaints to account {account} cannot be read ({problem}): what is missing here is not known.",
  'rule.complaints_unread': 'Every ten minutes the list is read, so that a complaint is found whose notify is lost.',
  'todo.complaints_unread': 'Look on the merchant platform meanwhile; it is tried again by itself.',
  'f.complaint_id': 'Complaint',
  'f.complaint_state': 'State of the complaint',
  'event.complaint.raised': 'Complaint',
  'event.complaint.updated': 'Complaint moved',
  'event.complaint.replied': 'Complaint answered',
  'event.complaint.finished': 'Complaint finished',
  'act.complaint.replied': 'Complaint answered',
  'act.complaint.finished': 'Complaint finished',
  'act.complaint.decided': 'Refund wish decided',
  'act.complaint.unmasked': 'Complaint: payer shown',
  'aud.complaint.replied': 'Answered complaint {complaintId} ({subject})',
  'aud.complaint.finished': 'Finished complaint {complaintId} ({subject})',
  'aud.complaint.decided': 'Decided the wish for a refund in complaint {complaintId} ({subject}): {decision}',
  'aud.complaint.unmasked': 'Saw the payer of complaint {complaintId} ({subject}) in full: {reason}',
  'f.action_type': 'What happened',
  'why.bill_differs': 'Bill of {date}: {count} differences ({difference}).',
  'lead.bill_differs':
    "WeChat's bill of {date} for account {account} and our books differ {count} times ({difference}).",
  'rule.bill_differs':
    'Each payment and refund of the bill must be booked here with the same amount, and the other way round.',
  'todo.bill_differs':
    'Open the day under Reconciliation: each difference has both sides and a proposal. The case ends by itself.',
  'why.bill_not_there': 'Bill of {date}: not matched. {problem}',
  'lead.bill_not_there': "WeChat's bill of {date} for account {account} could not be matched. {problem}",
  'rule.bill_not_there': 'A day counts as proven once its bill was matched; until then nobody knows.',
  'todo.bill_not_there':
    'Open the day under Reconciliation for the reason, or drop the bill there as the merchant platform gives it.',
  'why.notifies_unreadable': '{count} notifies from {source} could not be read.',
  'lead.notifies_unreadable': '{count} notifies from {source} could not be read within ten minutes.',
  'rule.notifies_unreadable':
    "WeChat's notifies are readable. A gateway, CDN or WAF changes them, or somebody else sends messages here.",
  'todo.notifies_unreadable': 'Run paywatch check: it says whether body and headers arrive as they were sent.',
  'why.notifies_too_large': '{count} notifies from {source} were larger than 64 KiB.',
  'lead.notifies_too_large':
    '{count} notifies from {source} were larger than 64 KiB within ten minutes and were refused unread.',
  'rule.notifies_too_large':
    "WeChat's notifies are far smaller. A gateway, CDN or WAF changes them, or somebody else sends messages here.",
  'todo.notifies_too_large':
    "Run paywatch check. If they are WeChat's, report it; payments are found by asking meanwhile.",
  'why.database_file_gone': '{file} was removed or replaced; nothing is taken.',
  'lead.database_file_gone': 'The database file {file} was removed or replaced under the running service.',
  'rule.database_file_gone':
    'What is written into such a file is lost at the next start, so every notify is answered 503 and comes again.',
  'todo.database_file_gone':
    'Put the very file back, or stop the service and see what is missing. After a start: paywatch reconcile --once.',
  'why.clock_off': "The clock of {host} and WeChat's are {seconds} s apart.",
  'lead.clock_off': "The clock of {host} and WeChat's are {seconds} seconds apart.",
  'rule.clock_off':
    'WeChat refuses what is signed more than 300 seconds off, and we refuse its notifies. Nothing old is deleted ' +
    'meanwhile.',
  'todo.clock_off': 'Let the machine keep time (NTP), then see that this case is over.',
  'why.clock_off_database': "The clock of {host} and the database server's are {seconds} s apart.",
  'lead.clock_off_database': 'The clock of {host} and that of the database server are {seconds} seconds apart.',
  'rule.clock_off_database': 'One of the two is wrong. Nothing old is deleted meanwhile.',
  'todo.clock_off_database': 'Let both machines keep time (NTP).',
  'why.clock_went_back': 'The newest event is {seconds} s later than the clock of {host}.',
  'lead.clock_went_back': 'The newest event is {seconds} seconds later than the clock of {host}.',
  'rule.clock_went_back':
    'The clock was ahead when it was written, or is behind now. Leases and due times of that clock are not believed.',
  'todo.clock_went_back': 'Compare the clock and let the machine keep time (NTP); the times of some events are wrong.',
  'why.clock_jumped': 'The clock of {host} jumped by {seconds} s at once.',
  'lead.clock_jumped': 'The clock of {host} jumped by {seconds} seconds at once.',
  'rule.clock_jumped': "Nothing old is deleted until the clock agrees with WeChat's again.",
  'todo.clock_jumped': 'See that the machine keeps time (NTP) and was not paused.',
  'why.times_behind': '{orders} orders looked older than they are, by up to {minutes} min.',
  'lead.times_behind': '{orders} open orders were made by a clock that was up to {minutes} minutes behind.',
  'rule.times_behind': 'They looked expired; each has its whole time to pay from now on.',
  'todo.times_behind': 'Let the machine keep time (NTP). Nothing else is to be done.',
  'why.times_ahead': '{orders} orders were dated up to {minutes} min later than now.',
  'lead.times_ahead': '{orders} orders were dated up to {minutes} minutes later than now, by a clock that was ahead.',
  'rule.times_ahead': 'Their times were set back, and each order has its whole time to pay from now on.',
  'todo.times_ahead':
    'Query WeChat for payments that were refused as older than their order, or wait until it sends them again.',
};
