# Services. When one starts is read where Windows keeps it, and whether it runs is asked of the service manager, which alone changes
# both: of what is written into the registry it hears with the next start of Windows.
$ServiceSeconds = 15

$ServiceStarts = 'boot', 'system', 'automatic', 'manual', 'disabled'

function Find-Service {
    # What the service manager has by this name. Its states are numbers here, as words are translated: 1 is stopped, 4 runs.
    param([string] $Name)
    $service = Get-Service -Name $Name -ErrorAction Ignore
    if (-not $service) { throw "the service manager has no service $Name" }
    return $service
}

function Get-ServiceAbove {
    # Those that depend on a service and run, in the order in which they are to be stopped.
    param($Service)
    foreach ($one in $Service.DependentServices) { if ([int]$one.Status -ne 1) { $one.ServiceName } }
}

function Read-ServiceNumber {
    # A number of a service's key.
    param($Key, [string] $Name)
    if ([string]$Key.GetValueKind($Name) -ne 'DWord') { throw "its value $Name is no number" }
    return $Key.GetValue($Name)
}

function Read-Service {
    # When it starts and whether it runs: 'delayed;stopped'. Of a driver, only when it starts. Behind the state of one that runs stand those
    # that depend on it and run: 'automatic;running;PrintNotify,Fax'. One that is starting, stopping or paused isn't stopped.
    param([string] $Place)
    $key = $null
    try {
        $key = (Open-Root 'HKLM' 64).OpenSubKey("SYSTEM\CurrentControlSet\Services\$Place", $false)
        # Keys without the two are of other uses: the service manager passes them by.
        $names = if ($key) { $key.GetValueNames() }
        if ($names -notcontains 'Start' -or $names -notcontains 'Type') { return @{ State = 'absent' } }
        if ($names -contains 'DeleteFlag') { throw 'it is being removed' }
        $start = Read-ServiceNumber $key 'Start'
        if ($start -notin 0..4) { throw "its start type is $start" }
        $part = @{ Startup = $ServiceStarts[$start]; State = ''; Above = '' }
        if ($start -eq 2 -and $names -contains 'DelayedAutostart' -and (Read-ServiceNumber $key 'DelayedAutostart')) { $part.Startup = 'delayed' }
        if (-not ((Read-ServiceNumber $key 'Type') -band 15)) {
            $service = Find-Service $Place
            $part.State = if ([int]$service.Status -eq 1) { 'stopped' } else { 'running' }
            $part.Above = [string]::Join(',', @(Get-ServiceAbove $service))
        }
        return (Join-ServicePart $part) + @{ Triggers = $start -eq 3 -and $key.GetSubKeyNames() -contains 'TriggerInfo' }
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
    } finally {
        if ($key) { $key.Dispose() }
    }
}

function Get-ServicePart {
    # A state in its parts.
    param($State)
    if ($State.State -ne 'present') { throw 'It is not installed, and no policy installs a service' }
    $parts = ($State.Data + ';;').Split(';')
    return @{ Startup = $parts[0]; State = $parts[1]; Above = $parts[2] }
}

function Join-ServicePart {
    # The state of these parts.
    param($Part)
    $above = if ($Part.State -eq 'running') { $Part.Above }
    return @{ State = 'present'; Kind = 'String'; Data = "$($Part.Startup);$($Part.State);$above".TrimEnd(';') }
}

function Test-Service {
    # Whether the setting holds in this state; throws where that can't be said.
    param($Setting, $State)
    if ($State.State -eq 'absent') { return [bool]$Setting['Missing'] }
    $part = Get-ServicePart $State
    if ($Setting['State'] -and -not $part.State) { throw 'it is a driver, and of those only the start type is judged' }
    foreach ($word in 'Startup', 'State') { if ($Setting[$word] -and $Setting[$word] -ne $part[$word]) { return $false } }
    return $true
}

function Get-ServiceNext {
    # The least that satisfies.
    param($Setting, $State)
    $part = Get-ServicePart $State
    foreach ($word in 'Startup', 'State') { if ($Setting[$word]) { $part[$word] = $Setting[$word] } }
    if ($Setting['State'] -eq 'running' -and $part.Startup -eq 'disabled') { throw 'It is disabled: nobody can start it' }
    return Join-ServicePart $part
}

function Invoke-ServiceTool {
    # sc.exe, which ends with Windows' own number for what went wrong.
    param([string[]] $Arguments, [int] $Accepted)
    $said = Invoke-Tool 'sc.exe' $Arguments 10
    if ($said.ExitCode -notin 0, $Accepted) { throw "sc.exe $($Arguments[0]) $($Arguments[1]) ended with $($said.ExitCode). $($said.Text)" }
}

function Invoke-ServiceTurn {
    # Stops or starts services, one after the other: a state is 1, stopped, or 4, running. All for which one run waits share the time.
    param([string[]] $Names, [string] $Verb, [int] $Status, $Waited)
    foreach ($one in $Names) {
        if (([int](Find-Service $one).Status -eq 1) -eq ($Status -eq 1)) { continue }
        # 1062: it has stopped by itself; 1056: it runs by now.
        Invoke-ServiceTool $Verb, $one $(if ($Status -eq 1) { 1062 } else { 1056 })
        while ([int](Find-Service $one).Status -ne $Status) {
            if ($Waited.Elapsed.TotalSeconds -ge $ServiceSeconds) { throw "$one did not $Verb within $ServiceSeconds seconds" }
            [Threading.Thread]::Sleep(100)
        }
    }
}

function Invoke-ServiceAct {
    # A step towards the next state. To a part that isn't to be changed, whatever it is now is right: services start and stop by themselves.
    param($Change, [string] $Act, $Waited)
    $name = $Change.Name
    $was = Get-ServicePart $Change.Previous
    $next = Get-ServicePart $Change.Next
    $turns = if ($was.State -ne $next.State) { $next.State }
    if ($Act -eq 'config' -and $was.Startup -ne $next.Startup) {
        Invoke-ServiceTool 'config', $name, 'start=', $next.Startup.Replace('automatic', 'auto').Replace('delayed', 'delayed-auto').Replace('manual', 'demand')
    }
    if ($Act -eq 'stop' -and $turns -eq 'stopped') {
        # Those that depend on it first.
        $above = @(Get-ServiceAbove (Find-Service $name))
        if ($above.Length) { Write-PolicyLog "service ${name}: stopped before it, as they depend on it: $([string]::Join(', ', $above))" 2 }
        Invoke-ServiceTurn ($above + $name) $Act 1 $Waited
    }
    # With those that were stopped before it.
    if ($Act -eq 'start' -and $turns -eq 'running') { Invoke-ServiceTurn "$name,$($next.Above)".Trim(',').Split(',') $Act 4 $Waited }
    if ($Act -eq 'look') {
        $now = Get-ServicePart (Read-Service $name)
        if (-not $turns) { $next.State = $now.State }
        $next.Above = $now.Above
        $Change.Next = Join-ServicePart $next
    }
}

function Write-Service {
    # Start types first, so that nothing that is stopped comes back, and what shall run may; then what is to stop; then what is to run.
    param([object[]] $Changes)
    $waited = [Diagnostics.Stopwatch]::StartNew()
    foreach ($act in 'config', 'stop', 'start', 'look') {
        foreach ($change in $Changes) {
            try {
                if (-not $change.Failure) { Invoke-ServiceAct $change $act $waited }
            } catch {
                $change.Failure = $_.Exception.GetBaseException().Message
            }
        }
    }
}

function Get-ServiceUndone {
    # Part by part: what policyc changed goes back, what it left stays as it is now. That a service started or stopped is nobody's change,
    # and it is started again only where policyc stopped it; one that was disabled and ran can't be.
    param($Entry, $Current)
    # One that was removed since has nothing left that could go back.
    if ($Current.State -ne 'present') { return $Current }
    $before = Get-ServicePart $Entry.Previous
    $undone = Get-ServicePart $Current
    $written = @(foreach ($known in $Entry.Known) { Get-ServicePart $known })
    $now = $undone.Startup
    if ($now -ne $before.Startup -and $written.Where({ $_.Startup -ne $before.Startup }).Count) {
        if ($written.Where({ $_.Startup -eq $now }).Count -eq 0) { return $null }
        $undone.Startup = $before.Startup
    }
    $can = $before.State -eq 'stopped' -or $undone.Startup -ne 'disabled'
    if ($can -and $undone.State -ne $before.State -and $written.Where({ $_.State -ne $before.State }).Count) {
        $undone.State, $undone.Above = $before.State, $before.Above
    }
    return Join-ServicePart $undone
}

function Format-ServiceState {
    # What is there, for people.
    param($State)
    if ($State.State -ne 'present') { return 'not installed' }
    $part = Get-ServicePart $State
    $text = $part.Startup
    if ($State['Triggers']) { $text += ' (started by triggers)' }
    if ($part.State) { $text += ", $($part.State)" }
    if ($part.Above) { $text += " (with $($part.Above.Replace(',', ', ')), which depend on it)" }
    return $text
}

function Format-ServicePlace {
    # A service, for people.
    param([string] $Place)
    return "service $Place"
}

function Format-ServiceMust {
    # What a setting asks for, as the end of a sentence.
    param($Setting)
    $words = @(foreach ($word in 'Startup', 'State') { if ($Setting[$word]) { $Setting[$word] } })
    return "be $([string]::Join(' and ', $words))$(if ($Setting['Missing']) { '; not installed counts as that' })"
}
