# --- Schedules: objects that live in the script alone, and the text that the site keeps of them ---

$WeekDays = 'Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'
$WeekOrders = 'Last', 'First', 'Second', 'Third', 'Fourth'

function ConvertTo-ScheduleText($Schedule) {
    # The interval string of SMS_ScheduleMethods: start and minutes of the duration in one half, the recurrence in the other.
    $start = [datetime]$Schedule.StartTime
    $high = ([long]$start.Minute -shl 26) -bor ([long]$start.Hour -shl 21) -bor ([long]$start.Day -shl 16)
    $high = $high -bor ([long]$start.Month -shl 12) -bor ([long]($start.Year - 1970) -shl 6) -bor [long]$Schedule.MinuteDuration
    $low = ([long]$Schedule.HourDuration -shl 27) -bor ([long]$Schedule.DayDuration -shl 22) -bor [long][bool]$Schedule.IsGMT
    switch (Get-Class $Schedule) {
        'SMS_ST_NonRecurring' { $low = $low -bor (1 -shl 19) }
        'SMS_ST_RecurInterval' { $low = $low -bor (2 -shl 19) -bor ($Schedule.MinuteSpan -shl 13) -bor ($Schedule.HourSpan -shl 8) -bor ($Schedule.DaySpan -shl 3) }
        'SMS_ST_RecurWeekly' { $low = $low -bor (3 -shl 19) -bor ($Schedule.Day -shl 16) -bor ($Schedule.ForNumberOfWeeks -shl 13) }
        'SMS_ST_RecurMonthlyByWeekday' { $low = $low -bor (4 -shl 19) -bor ($Schedule.Day -shl 16) -bor ($Schedule.ForNumberOfMonths -shl 12) -bor ($Schedule.WeekOrder -shl 9) }
        'SMS_ST_RecurMonthlyByDate' { $low = $low -bor (5 -shl 19) -bor ($Schedule.MonthDay -shl 14) -bor ($Schedule.ForNumberOfMonths -shl 10) }
    }
    return '{0:X8}{1:X8}' -f $high, $low
}

function Get-Recurrence($P, [string] $Set) {
    $every = if ($P.ContainsKey('RecurCount')) { $P.RecurCount } else { 1 }
    if ($Set -like 'RecurrenceInterval*') {
        $spans = @{ Minutes = 0; Hours = 0; Days = 0 }
        $spans[$P.RecurInterval] = $P.RecurCount
        $most = @{ Minutes = 59; Hours = 23; Days = 31 }
        if ($P.RecurCount -lt 1 -or $P.RecurCount -gt $most[$P.RecurInterval]) { Stop-Call "RecurCount: 1 to $($most[$P.RecurInterval]) $($P.RecurInterval)." 'System.ArgumentOutOfRangeException' }
        return 'SMS_ST_RecurInterval', [ordered]@{ MinuteSpan = $spans.Minutes; HourSpan = $spans.Hours; DaySpan = $spans.Days }
    }
    if ($Set -like 'RecurrenceWeekly*') { return 'SMS_ST_RecurWeekly', [ordered]@{ Day = 1 + $WeekDays.IndexOf($P.DayOfWeek); ForNumberOfWeeks = $every } }
    if ($Set -like 'RecurMonthlyByWeekday*') {
        return 'SMS_ST_RecurMonthlyByWeekday', [ordered]@{ Day = 1 + $WeekDays.IndexOf($P.DayOfWeek); WeekOrder = $WeekOrders.IndexOf($P.WeekOrder); ForNumberOfMonths = $every }
    }
    if ($Set -like 'RecurrenceMonthlyByDate*') { return 'SMS_ST_RecurMonthlyByDate', [ordered]@{ MonthDay = $P.DayOfMonth; ForNumberOfMonths = $every } }
    if ($Set -like 'RecurMonthlyLastDay*') { return 'SMS_ST_RecurMonthlyByDate', [ordered]@{ MonthDay = 0; ForNumberOfMonths = $every } }
    return 'SMS_ST_NonRecurring', [ordered]@{}
}

$Do['New-CMSchedule'] = {
    param($P, $Set)
    $class, $recurrence = Get-Recurrence $P $Set
    $start = if ($P.ContainsKey('Start')) { $P.Start } else { (Get-Date).Date }
    $start = $start.AddSeconds(-$start.Second).AddMilliseconds(-$start.Millisecond)
    $duration = @{ Minutes = 0; Hours = 0; Days = 0 }
    if ($P.ContainsKey('DurationCount')) { $duration[$P.DurationInterval] = $P.DurationCount }
    if ($P.ContainsKey('End')) {
        $span = $P.End - $start
        if ($span -lt [timespan]::Zero) { Stop-Call 'The end time is before the start time.' 'System.ArgumentException' }
        $duration = @{ Minutes = $span.Minutes; Hours = $span.Hours; Days = $span.Days }
    }
    $row = [ordered]@{ _class = $class; StartTime = ConvertTo-DateText $start; IsGMT = [bool]$P.IsUtc }
    foreach ($unit in 'Minute', 'Hour', 'Day') { $row["${unit}Duration"] = $duration["${unit}s"] }
    foreach ($key in $recurrence.Keys) { $row[$key] = $recurrence[$key] }
    $schedule = Show-Row $row
    if ($P.ScheduleString) { return ConvertTo-ScheduleText $schedule }
    return $schedule
}
