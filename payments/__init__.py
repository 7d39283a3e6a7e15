"""WeChat Pay and the rules of money: values in, values out.

No socket, no table and no clock of its own: whatever is needed is an argument. So every rule
can be shown by a table of cases, by a property and by a fuzzer.
"""
