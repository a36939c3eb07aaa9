# SPDX-License-Identifier: GPL-2.0
# Usage: awk -v want="SUITE PROGRAM..." -v skips=REGEX [-v known=REGEX] [-v most=20]
#	-f console-tap.awk CONSOLE
#
# Turn the console of a test guest into one TAP document: each result of KUnit and of the
# programs that init ran, and results of its own for what must hold besides: all of want
# ran to their end, the kernel made no complaint, the guest finished.  A skipped test counts
# as failed unless its reason matches the variable skips.  A line that known matches is no
# complaint.  The first complaints are printed, most of them at most.

function result(status, text)
{
	print status, ++nr, "-", text
}

BEGIN {
	where = "boot"
	if (!most)
		most = 20
}

{
	gsub(/\r/, "")
	sub(/^ +/, "")
	if ($0 != "")
		last = $0
}

# Complaints.  These come first, as the kernel may print in the middle of a result.
/BUG|WARNING|Bad page|Bad rss-counter|bad p[gmu4t][de]|Oops|Kernel panic/ ||
/possible (circular|recursive|irq|.*deadlock)|suspicious RCU|lock held when/ ||
/Unable to handle|general protection|rcu.*(stall|detected)|blocked for more/ ||
/[Ss]wap (file|offset) entry|segfault|unhandled signal|^# leak|scheduling while atomic|page_table_check:/ {
	if ((known == "" || $0 !~ known) && complaints++ < most)
		print "# " $0
}

/^debug_vm_pgtable: /	{ ran["debug_vm_pgtable"] = 1 }
/^# Subtest: /		{ where = $3 }
/^# begin /		{ where = $3; results = 0; plan = ""; next }
/^1\.\.[0-9]+$/		{ plan = substr($0, 4) }

/^(not )?ok [0-9]+/ {
	status = $1 == "not" ? "not ok" : "ok"
	text = $0
	sub(/^(not )?ok [0-9]+( -)? */, "", text)
	if (text ~ /# SKIP/ && text !~ skips) {
		sub(/# SKIP/, "skipped:", text)
		status = "not ok"
	}
	result(status, where ": " text)
	results++
	if (text == where)	# the result of a KUnit suite
		ran[where] = 1
	next
}

/^1\.\.0 # SKIP/ {
	sub(/^1\.\.0 /, "")
	result($0 ~ skips ? "ok" : "not ok", where " " $0)
	results++
	next
}

/^# end / {
	# kselftest exits with 4 when it skips
	if ($4 != 0 && $4 != 1024)
		result("not ok", $3 ": wait status " $4)
	else if (!results)
		result("not ok", $3 ": ended without a result")
	else if ($4 == 0 && plan != "" && results != plan)
		result("not ok", $3 ": " results " results of " plan)
	ran[$3] = 1
	where = "after " $3
	next
}

/^# ran [0-9]+ programs/ { finished = 1 }

END {
	result(complaints ? "not ok" : "ok", "the console is without complaint")
	nr_want = split(want, name, " ")
	for (i = 1; i <= nr_want; i++)
		result(ran[name[i]] ? "ok" : "not ok", name[i] ": ran to its end")
	result(finished ? "ok" : "not ok", "the guest finished in time")
	if (!finished)
		print "# the console ends with: " last
	print "1.." nr
}
