# Made by policyc from ring.yaml: change it there, not here.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
throw "policyc: PowerShell runs in $($ExecutionContext.SessionState.LanguageMode) mode here, and this script needs FullLanguage. An application control policy must trust the script: sign it, or allow its folder."
}
if ([Environment]::OSVersion.Platform -ne 'Win32NT') {
throw 'policyc: this script configures Windows; nothing was done.'
}

function Test-Elevation {
$principal = [Security.Principal.WindowsPrincipal]::new([Security.Principal.WindowsIdentity]::GetCurrent())
return $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}
if (-not (Test-Elevation)) {
throw 'policyc: this script must run as SYSTEM or as an administrator with elevation; nothing was done.'
}

$Collection = '8ee4ffd4-acdb-58d3-be46-275fec287ebb/early-ring'
$Adopts = ([string[]]@('8ee4ffd4-acdb-58d3-be46-275fec287ebb/ring', 'early-ring', 'ring'))
$LogName = 'policyc-early-ring-8ee4ffd4.log'
$Settings = @(
    @{
        Id = 'lan-manager-level'
        Hive = 'HKLM'; View = 64; Key = 'SYSTEM\CurrentControlSet\Control\Lsa'; Name = 'LmCompatibilityLevel'
        Kind = 'DWord'; Condition = 'at_least'; Operand = 5; Default = 3
        Must = 'be at least 5 [dword]; absent counts as 3'
        Write = 'Set'; Data = 5
    }
)


$Folder = @{ Path = $null; Problem = '' }

function ConvertTo-LogText {
param([string] $Text)
if ([regex]::IsMatch($Text, '[^ -~]')) {
$characters = foreach ($character in $Text.ToCharArray()) {
if ($character -ge [char]32 -and $character -le [char]126) { $character } else { '\u{0:x4}' -f [int]$character }
}
$Text = -join $characters
}
return $Text.Replace(']LOG]!', ']LOG] !')
}

function Get-FolderProblem {
param([IO.FileAttributes] $Attributes, [string] $Owner, [string] $User)
if ($Attributes -band [IO.FileAttributes]::ReparsePoint) { return 'it is a link to another place' }
$trusted = 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464', $User
if ([Array]::IndexOf($trusted, $Owner) -lt 0) { return "it belongs to $Owner, who is neither SYSTEM nor Administrators" }
return ''
}

function Get-LogFolder {
if ($Folder.Problem) { throw $Folder.Problem }
if ($Folder.Path) { return $Folder.Path }
$path = [IO.Path]::Combine([Environment]::GetFolderPath('Windows'), 'Logs\policyc')
try {
$info = [IO.DirectoryInfo]::new($path)
$security = [Security.AccessControl.DirectorySecurity]::new()
$security.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
$beside = 'System.IO.FileSystemAclExtensions' -as [type]
if (-not $info.Exists) {
if ($beside) { $beside::Create($info, $security) } else { $info.Create($security) }
$info.Refresh()
}
$sections = [Security.AccessControl.AccessControlSections]'Owner, Access'
$found = if ($beside) { $beside::GetAccessControl($info, $sections) } else { $info.GetAccessControl($sections) }
$user = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
$problem = Get-FolderProblem -Attributes $info.Attributes -Owner $found.GetOwner([Security.Principal.SecurityIdentifier]).Value -User $user
if ($problem) { throw $problem }
if (-not $found.AreAccessRulesProtected) {
if ($beside) { $beside::SetAccessControl($info, $security) } else { $info.SetAccessControl($security) }
}
} catch {
$Folder.Problem = "the folder $path can't be used: $($_.Exception.GetBaseException().Message)"
throw $Folder.Problem
}
$Folder.Path = $path
return $path
}

function Write-PolicyLog {
param([string] $Message, [int] $Type = 1)
try {
$file = [IO.FileInfo]::new([IO.Path]::Combine((Get-LogFolder), $LogName))
if ($file.Exists -and $file.Length -gt 1000000) {
$old = [IO.Path]::ChangeExtension($file.FullName, '.lo_')
[IO.File]::Delete($old)
[IO.File]::Move($file.FullName, $old)
}
$now = [DateTime]::Now
$bias = -[int][TimeZoneInfo]::Local.GetUtcOffset($now).TotalMinutes
$line = '<![LOG[{0}]LOG]!><time="{1}{2:+000;-000;+000}" date="{3}" component="policyc" context="" type="{4}" thread="{5}" file="">' -f @(
(ConvertTo-LogText -Text $Message)
$now.ToString('HH:mm:ss.fff', [Globalization.CultureInfo]::InvariantCulture)
$bias
$now.ToString('MM-dd-yyyy', [Globalization.CultureInfo]::InvariantCulture)
$Type
[Threading.Thread]::CurrentThread.ManagedThreadId
)
[IO.File]::AppendAllText($file.FullName, $line + [Environment]::NewLine)
} catch {
Write-Verbose -Message "The log could not be written: $($_.Exception.Message)"
}
}

$Roots = [Collections.Generic.Dictionary[string, object]]::new()
$Keys = [Collections.Generic.Dictionary[string, object]]::new([StringComparer]::OrdinalIgnoreCase)
$DataTypes = @{
String = [string]; ExpandString = [string]; MultiString = [string[]]; DWord = [int]; QWord = [long]; Binary = [byte[]]; None = [byte[]]
}

function Open-Root {
param([string] $Hive, [int] $View)
$at = "$Hive $View"
if (-not $Roots.ContainsKey($at)) {
$registryHive = if ($Hive -eq 'HKU') { 'Users' } else { 'LocalMachine' }
$Roots[$at] = [Microsoft.Win32.RegistryKey]::OpenBaseKey($registryHive, "Registry$View")
}
return $Roots[$at]
}

function Test-Loaded {
param([string] $Path)
$names = (Open-Root -Hive 'HKU' -View 64).GetSubKeyNames()
return [Collections.Generic.HashSet[string]]::new($names, [StringComparer]::OrdinalIgnoreCase).Contains($Path.Split('\')[0])
}

function Read-Key {
param([string] $Hive, [int] $View, [string] $Path)
$at = "$Hive $View $Path"
if (-not $Keys.ContainsKey($at)) {
$read = @{ Key = $null; Names = $null; Failure = '' }
try {
$read.Key = (Open-Root -Hive $Hive -View $View).OpenSubKey($Path, $false)
if ($null -ne $read.Key) {
$read.Names = [Collections.Generic.HashSet[string]]::new($read.Key.GetValueNames(), [StringComparer]::OrdinalIgnoreCase)
} elseif ($Hive -eq 'HKU' -and -not (Test-Loaded -Path $Path)) {
$read.Failure = 'the hive is not loaded'
}
} catch {
$read.Failure = $_.Exception.GetBaseException().Message
}
$Keys[$at] = $read
}
return $Keys[$at]
}

function Close-Key {
foreach ($read in $Keys.Values) { if ($null -ne $read.Key) { $read.Key.Dispose() } }
$Keys.Clear()
}

function Read-Place {
param([string] $Hive, [int] $View, [string] $Path, $Name)
$read = $null
if (-not $Keys.TryGetValue("$Hive $View $Path", [ref] $read)) { $read = Read-Key -Hive $Hive -View $View -Path $Path }
if ($read.Failure) { return @{ State = 'unreadable'; There = $false; Failure = $read.Failure } }
if ($null -eq $read.Key) { return @{ State = 'absent' } }
if ($null -eq $Name) { return @{ State = 'present'; Kind = 'Key'; Data = $null } }
if (-not $read.Names.Contains($Name)) { return @{ State = 'absent' } }
try {
$kind = [string]$read.Key.GetValueKind($Name)
$data = $read.Key.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
} catch {
return @{ State = 'unreadable'; There = $true; Failure = $_.Exception.GetBaseException().Message }
}
if (-not $DataTypes.ContainsKey($kind) -or $data -isnot $DataTypes[$kind]) {
return @{ State = 'unreadable'; There = $true; Failure = 'the value is of a kind or size that .NET cannot read' }
}
return @{ State = 'present'; Kind = $kind; Data = $data }
}

function ConvertTo-Number {
param([string] $Kind, $Data)
if ($Data -ge 0) { return [decimal]$Data }
if ($Kind -eq 'DWord') { return [decimal]([long]$Data -band 4294967295) }
return [decimal][BitConverter]::ToUInt64([BitConverter]::GetBytes([long]$Data), 0)
}

function Format-State {
param($State, $Sensitive)
if ($State.State -eq 'absent') { return 'absent' }
if ($State.State -eq 'unreadable') { return "unreadable ($($State.Failure))" }
if ($State.Kind -eq 'Key') { return 'present' }
if ($Sensitive) { return "(masked) [$($State.Kind)]" }
$text = switch ($State.Kind) {
'MultiString' {
$parts = @(for ($i = 0; $i -lt $State.Data.Length -and $i -lt 100; $i++) { Limit-Text -Text $State.Data[$i] })
'{' + [string]::Join('; ', $parts) + '}'
}
{ $_ -eq 'Binary' -or $_ -eq 'None' } { [BitConverter]::ToString($State.Data, 0, [Math]::Min($State.Data.Length, 101)).Replace('-', '') }
{ $_ -eq 'DWord' -or $_ -eq 'QWord' } { [string](ConvertTo-Number -Kind $State.Kind -Data $State.Data) }
default { '"' + (Limit-Text -Text $State.Data) + '"' }
}
if ($text.Length -gt 200) { $text = $text.Substring(0, 200) + '...' }
return "$(ConvertTo-VisibleText -Text $text) [$($State.Kind)]"
}

function Limit-Text {
param([string] $Text)
if ($Text.Length -gt 201) { return $Text.Substring(0, 201) }
return $Text
}

function ConvertTo-VisibleText {
param([string] $Text)
return [regex]::Replace($Text, '[\p{C}\p{Zl}\p{Zp}]', { param($Match) '\u{0:x4}' -f [int]$Match.Value[0] })
}

function Format-Place {
param([string] $Hive, [int] $View, [string] $Path, $Name)
$text = "$Hive\$Path"
if ($null -ne $Name) { $text += ' : ' + $(if ($Name) { $Name } else { '(Default)' }) }
if ($View -eq 32) { $text += ' (32-bit view)' }
return ConvertTo-VisibleText -Text $text
}

$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = 40

function Test-Data {
param($Setting, $Data)
switch ($Setting.Condition) {
'at_least' { return $Data -ge $Setting.Operand }
default { throw "policyc: unknown condition '$_'" }
}
}

function Get-Verdict {
param($Setting, $State)
$condition = $Setting.Condition
$failure = ''
$holds = $false
if ($State.State -eq 'unreadable') {
if ($State.There -and $condition -eq 'present') { $holds = $true } else { $failure = $State.Failure }
} elseif ($condition -eq 'present') {
$holds = $State.State -eq 'present'
} elseif ($condition -eq 'absent') {
$holds = $State.State -eq 'absent'
} elseif ($State.State -eq 'present') {
if ($State.Kind -eq $Setting.Kind) {
try {
$data = $State.Data
if ($State.Kind -eq 'DWord' -or $State.Kind -eq 'QWord') { $data = ConvertTo-Number -Kind $State.Kind -Data $data }
$holds = Test-Data -Setting $Setting -Data $data
} catch {
$failure = $_.Exception.GetBaseException().Message
}
}
} elseif ($Setting.ContainsKey('Default')) {
$holds = -not $Setting['Pin'] -and (Test-Data -Setting $Setting -Data $Setting.Default)
} else {
$holds = $condition -eq 'not_equals' -or $condition -eq 'none_of'
}
return @{ Holds = $holds; Failure = $failure }
}

function Get-Finding {
Close-Key
foreach ($setting in $Settings) {
$places = @(@{ Hive = $setting.Hive; Path = $setting.Key })
foreach ($place in $places) {
$state = @{ State = 'unreadable'; There = $false; Failure = 'it could not be judged' }
try {
if ($Clock.Elapsed.TotalSeconds -gt $TimeLimit) { throw "it was not reached in the $TimeLimit seconds that this script takes" }
$state = Read-Place -Hive $place.Hive -View $setting.View -Path $place.Path -Name $setting['Name']
$verdict = Get-Verdict -Setting $setting -State $state
} catch {
$verdict = @{ Holds = $false; Failure = $_.Exception.GetBaseException().Message }
}
[PSCustomObject]@{
Setting = $setting
Hive    = $place.Hive
Path    = $place.Path
State   = $state
Holds   = $verdict.Holds
Failure = $verdict.Failure
}
}
}
}

function Format-Finding {
param($Finding)
$place = Format-Place -Hive $Finding.Hive -View $Finding.Setting.View -Path $Finding.Path -Name $Finding.Setting['Name']
if ($Finding.Failure) { return "$place can't be judged: $($Finding.Failure)" }
try { $is = Format-State -State $Finding.State -Sensitive $Finding.Setting['Sensitive'] } catch { $is = 'what cannot be shown' }
return "$place is $is, must $($Finding.Setting.Must)"
}

$JournalPath = 'SOFTWARE\policyc\journal'

function Get-PlaceId {
param([string] $Hive, [int] $View, [string] $Path, $Name)
$parts = @($Hive, [string]$View, $Path, $(if ($null -eq $Name) { 'key' } else { 'value' + [char]0 + $Name }))
$bytes = [Text.Encoding]::Unicode.GetBytes([string]::Join([char]0, $parts).ToUpperInvariant())
$hasher = [Security.Cryptography.SHA256]::Create()
try { return [BitConverter]::ToString($hasher.ComputeHash($bytes)).Replace('-', '').Substring(0, 40) } finally { $hasher.Dispose() }
}

function Test-SameState {
param($Left, $Right)
if ($Left.State -ne 'present' -or $Right.State -ne 'present') { return $Left.State -eq $Right.State -and $Left.State -ne 'unreadable' }
if ($Left.Kind -ne $Right.Kind) { return $false }
switch ($Left.Kind) {
'Key' { return $true }
'MultiString' {
if ($Left.Data.Length -ne $Right.Data.Length) { return $false }
for ($i = 0; $i -lt $Left.Data.Length; $i++) {
if (-not [string]::Equals($Left.Data[$i], $Right.Data[$i], 'Ordinal')) { return $false }
}
return $true
}
{ $_ -eq 'Binary' -or $_ -eq 'None' } { return [BitConverter]::ToString($Left.Data) -eq [BitConverter]::ToString($Right.Data) }
{ $_ -eq 'DWord' -or $_ -eq 'QWord' } { return $Left.Data -eq $Right.Data }
default { return [string]::Equals($Left.Data, $Right.Data, 'Ordinal') }
}
}

function Read-EntryState {
param($Entry, [string] $What)
$names = $Entry.GetValueNames()
if ($names -contains "${What}Absent") { return @{ State = 'absent' } }
if ($names -notcontains $What) { return $null }
return Read-EntryValue -Entry $Entry -What $What -IsKey ($names -notcontains 'Name')
}

function Read-EntryValue {
param($Entry, [string] $What, [bool] $IsKey)
if ($IsKey) { return @{ State = 'present'; Kind = 'Key'; Data = $null } }
try {
$kind = [string]$Entry.GetValueKind($What)
$data = $Entry.GetValue($What, $null, 'DoNotExpandEnvironmentNames')
} catch {
return @{ State = 'unreadable' }
}
if (-not $DataTypes.ContainsKey($kind) -or $data -isnot $DataTypes[$kind]) { return @{ State = 'unreadable' } }
return @{ State = 'present'; Kind = $kind; Data = $data }
}

function Test-ChangedSince {
param([string] $Hive, [int] $View, [string] $Path, $Name, $State)
$id = Get-PlaceId -Hive $Hive -View $View -Path $Path -Name $Name
$entry = (Open-Root -Hive 'HKLM' -View 64).OpenSubKey("$JournalPath\$id", $false)
if ($null -eq $entry) { return $false }
try { return $null -ne $entry.GetValue('Complete') -and -not (Test-Ours -Entry $entry -State $State) } finally { $entry.Dispose() }
}

function Test-Ours {
param($Entry, $State)
foreach ($what in 'Written', 'Pending', 'Previous') {
$known = Read-EntryState -Entry $Entry -What $what
if ($null -ne $known -and (Test-SameState -Left $known -Right $State)) {
return $what -ne 'Previous' -or $Entry.GetValueNames() -contains 'Pending' -or $Entry.GetValueNames() -contains 'PendingAbsent'
}
}
return $false
}

$LockSeconds = 20
$Busy = "policyc: another run has been busy on this device for $LockSeconds seconds; nothing was changed"

function Lock-Journal {
$path = [IO.Path]::Combine((Get-LogFolder), 'policyc.lock')
$clock = [Diagnostics.Stopwatch]::StartNew()
while ($true) {
try {
return [IO.FileStream]::new($path, [IO.FileMode]::OpenOrCreate, [IO.FileAccess]::ReadWrite, [IO.FileShare]::None)
} catch {
if (($_.Exception.GetBaseException().HResult -band 0xFFFF) -ne 32) { throw }
if ($clock.Elapsed.TotalSeconds -ge $LockSeconds) { return $null }
}
[Threading.Thread]::Sleep(200)
}
}

function Get-Digest {
param([string[]] $Parts)
$text = -join @(foreach ($part in $Parts) { "$($part.Length):$part" })
$bytes = [byte[]]::new(2 * $text.Length)
[Buffer]::BlockCopy($text.ToCharArray(), 0, $bytes, 0, $bytes.Length)
$hasher = [Security.Cryptography.SHA256]::Create()
try { return [BitConverter]::ToString($hasher.ComputeHash($bytes)).Replace('-', '') } finally { $hasher.Dispose() }
}

function Get-StatePart {
param($State)
if ($State.State -ne 'present') { return $State.State }
$State.Kind
switch ($State.Kind) {
'Key' { break }
'MultiString' { $State.Data }
{ $_ -eq 'Binary' -or $_ -eq 'None' } { [BitConverter]::ToString($State.Data) }
{ $_ -eq 'DWord' -or $_ -eq 'QWord' } { $State.Data.ToString([Globalization.CultureInfo]::InvariantCulture) }
default { $State.Data }
}
}

function Get-Seal {
param($Entry)
$parts = @($Entry.Id.ToUpperInvariant(), $Entry.Hive, [string]$Entry.View, $Entry.Path)
if ($null -ne $Entry.Name) { $parts += 'Name', $Entry.Name }
$parts += [string]$Entry.Sensitive, [string]$Entry.ClearOnUndo
return '2:' + (Get-Digest -Parts ($parts + @(Get-StatePart -State $Entry.Previous)))
}

function Get-WrittenSeal {
param([string] $Id, $State)
return Get-Digest -Parts (@($Id.ToUpperInvariant()) + @(Get-StatePart -State $State))
}

function Get-OwnerDigest {
param([string] $Id, [string[]] $Owners)
return 'sha256:' + (Get-Digest -Parts (@($Id.ToUpperInvariant()) + $Owners))
}

function Test-OwnOwner {
param([string] $Owner)
return $Owner -ceq $Collection -or [Array]::IndexOf($Adopts, $Owner) -ge 0
}

function Select-OtherOwner {
param([string[]] $Owners)
foreach ($owner in $Owners) { if (-not (Test-OwnOwner -Owner $owner)) { $owner } }
}

function Read-Owner {
param($Key, $Entry)
if ([string]$Key.GetValueKind('Owners') -ne 'MultiString') { return $false }
$digest = ''
foreach ($owner in [string[]]$Key.GetValue('Owners')) {
if ($owner.StartsWith('sha256:', 'Ordinal') -and -not $digest) {
$digest = $owner
$Entry.Sealed, $Entry.Older = $Entry.Older, @()
} else {
$Entry.Older += $owner
}
}
if ([string]::Join('', [string[]]$Entry.Older) -match '[/:]') { return $false }
if (-not $digest) { return $null -eq $Entry.Seal -and $Entry.Older.Length -gt 0 }
return $Entry.Sealed.Length -gt 0 -and $digest -ceq (Get-OwnerDigest -Id $Entry.Id -Owners $Entry.Sealed)
}

function Write-Owner {
param($Key, [string] $Id, [string[]] $Sealed, [string[]] $Older)
$owners = $Older
if ($Sealed.Length) {
$owners = $Sealed + (Get-OwnerDigest -Id $Id -Owners $Sealed) + $Older
} else {
$Key.DeleteValue('Seal', $false)
}
$Key.SetValue('Owners', [string[]]$owners, 'MultiString')
}

function Read-Entry {
param($Journal, [string] $Id)
$entry = @{
Id = $Id; Problem = ''; Rest = $false; Hive = ''; View = 0; Path = ''; Name = $null; Sensitive = $false; ClearOnUndo = $false
Previous = $null; Known = @(); WrittenAltered = $false; Seal = $null; Sealed = @(); Older = @(); OwnersKnown = $false
}
$key = $Journal.OpenSubKey($Id, $false)
try {
$names = [Collections.Generic.HashSet[string]]::new($key.GetValueNames(), [StringComparer]::OrdinalIgnoreCase)
if ($names.Contains('Complete')) {
$entry.Problem = Read-CompleteEntry -Key $key -Names $names -Entry $entry
} elseif ([Array]::IndexOf([string[]]@($Journal.GetValue('Making')), $Id) -ge 0) {
$entry.Rest = $true
} elseif ($names.Count -and -not ($names.Contains('Seal') -or $names.Contains('Written') -or $names.Contains('WrittenAbsent'))) {
$entry.Rest = $true
} else {
$entry.Problem = 'it is not whole, and no run was making it'
}
} catch {
$entry.Problem = "it cannot be read: $($_.Exception.GetBaseException().Message)"
} finally {
if ($null -ne $key) { $key.Dispose() }
}
return $entry
}

function Read-CompleteEntry {
param($Key, [Collections.Generic.HashSet[string]] $Names, $Entry)
$field = @{}
foreach ($one in @{ Hive = 'String'; View = 'DWord'; Key = 'String'; Name = 'String'; Seal = 'String' }.GetEnumerator()) {
$field[$one.Key] = if ($Names.Contains($one.Key) -and [string]$Key.GetValueKind($one.Key) -eq $one.Value) { $Key.GetValue($one.Key) }
}
$Entry.Seal = if ($Names.Contains('Seal')) { [string]$field.Seal }
$Entry.OwnersKnown = $Names.Contains('Owners') -and (Read-Owner -Key $Key -Entry $Entry)
$Entry.Sensitive = $Names.Contains('Sensitive')
$Entry.ClearOnUndo = $Names.Contains('ClearOnUndo')
if ($field.Hive -cnotin 'HKLM', 'HKU' -or $field.View -isnot [int] -or $field.View -notin 32, 64 -or -not $field.Key) { return 'it does not say where' }
if ($Names.Contains('Name') -and $null -eq $field.Name) { return 'it does not say which value' }
$Entry.Hive = $field.Hive
$Entry.View = $field.View
$Entry.Path = $field.Key
$Entry.Name = $field.Name
if ((Get-PlaceId -Hive $Entry.Hive -View $Entry.View -Path $Entry.Path -Name $Entry.Name) -ne $Entry.Id) { return 'it is the entry of another place than it says' }
if (-not $Entry.OwnersKnown) { return 'it does not say who relies on it' }
$Entry.Previous = Read-EntryState -Entry $Key -What 'Previous'
if ($null -eq $Entry.Previous) { return 'it does not say what was there before' }
if ($Names.Contains('Previous') -and $Names.Contains('PreviousAbsent')) { return 'it says that something was there before, and that nothing was' }
if ($Entry.Previous.State -eq 'present' -and $null -eq $Entry.Name) { return 'it says that a key was there before it was made' }
if ($Entry.Previous.State -eq 'unreadable') { return 'what was there before does not fit its kind' }
if ($null -ne $Entry.Seal) {
if ($Entry.Seal -match '\A[0-9]+:' -and -not $Entry.Seal.StartsWith('2:', 'Ordinal')) { return "it has the format $($Entry.Seal.Split(':')[0]), which this script does not know" }
if ($Entry.Seal -cne (Get-Seal -Entry $Entry)) { return 'it does not hold what was sealed' }
}
return ''
}

function Open-KeyFor {
param($Root, [string] $Path, [Security.AccessControl.RegistryRights] $Right)
return $Root.OpenSubKey($Path, [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree, $Right)
}

function Write-Value {
param($Key, [string] $Name, $Current, $Next)
if ($Next.State -eq 'present') {
$Key.SetValue($Name, $Next.Data, $Next.Kind)
return
}
if ($Current.State -eq 'present') { $Key.SetValue($Name, $Current.Data, $Current.Kind) }
$Key.DeleteValue($Name, $false)
}

function Add-HiveToFlush {
param([Collections.Generic.Dictionary[string, object]] $Hives, [string] $Hive, [string] $Path, $Key)
if ($null -eq $Key) { return }
$at = "$Hive $($Path.Split('\')[0].ToUpperInvariant())"
if ($Hives.ContainsKey($at)) { $Key.Dispose() } else { $Hives[$at] = $Key }
}

function Sync-Hive {
param([Collections.Generic.Dictionary[string, object]] $Hives)
foreach ($changed in $Hives.Values) {
$changed.Flush()
$changed.Dispose()
}
}

function Open-Journal {
$root = Open-Root -Hive 'HKLM' -View 64
$journal = $root.OpenSubKey($JournalPath, $true)
if ($null -ne $journal) { return $journal }
$security = [Security.AccessControl.RegistrySecurity]::new()
$security.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)')
return $root.CreateSubKey($JournalPath, 'ReadWriteSubTree', 'None', $security)
}

function Write-EntryState {
param($Entry, [string] $What, $State)
if ($State.State -eq 'absent') {
$Entry.SetValue("${What}Absent", 1, 'DWord')
$Entry.DeleteValue($What, $false)
} elseif ($State.Kind -eq 'Key') {
$Entry.SetValue($What, 1, 'DWord')
} else {
$Entry.SetValue($What, $State.Data, $State.Kind)
$Entry.DeleteValue("${What}Absent", $false)
}
}

function Write-Entry {
param($Journal, $Change)
$id = $Change.Id
if ($null -ne $Change.Known) {
$entry = $Journal.OpenSubKey($id, $true)
$pending = Read-EntryState -Entry $entry -What 'Pending'
if ($null -ne $pending -and (Test-SameState -Left $pending -Right $Change.Previous)) {
Write-EntryState -Entry $entry -What 'Written' -State $pending
$entry.SetValue('WrittenSeal', (Get-WrittenSeal -Id $id -State $pending), 'String')
}
Write-EntryState -Entry $entry -What 'Pending' -State $Change.Next
Join-Owner -Key $entry -Entry $Change.Known
return $entry
}
$Journal.DeleteSubKeyTree($id, $false)
$entry = $Journal.CreateSubKey($id)
$entry.SetValue('Hive', $Change.Hive, 'String')
$entry.SetValue('View', $Change.View, 'DWord')
$entry.SetValue('Key', $Change.Path, 'String')
if ($null -ne $Change.Name) { $entry.SetValue('Name', $Change.Name, 'String') }
Write-EntryState -Entry $entry -What 'Previous' -State $Change.Previous
if ($Change.ClearOnUndo) { $entry.SetValue('ClearOnUndo', 1, 'DWord') }
if ($Change.Sensitive) { $entry.SetValue('Sensitive', 1, 'DWord') }
Write-EntryState -Entry $entry -What 'Pending' -State $Change.Next
Write-Owner -Key $entry -Id $id -Sealed @($Collection) -Older @()
if (-not (Test-SameState -Left (Read-EntryState -Entry $entry -What 'Previous') -Right $Change.Previous)) { throw 'what was there before cannot be kept' }
$entry.SetValue('Seal', (Get-Seal -Entry $Change), 'String')
$entry.SetValue('Complete', 1, 'DWord')
return $entry
}

function Clear-FailedEntry {
param($Journal, $Entry)
$names = $Entry.GetValueNames()
if ($names -contains 'Written' -or $names -contains 'WrittenAbsent') {
$Entry.DeleteValue('Pending', $false)
$Entry.DeleteValue('PendingAbsent', $false)
$Entry.Dispose()
} else {
$id = [IO.Path]::GetFileName($Entry.Name)
$Entry.Dispose()
$Journal.DeleteSubKeyTree($id, $false)
}
}

function Join-Owner {
param($Key, $Entry)
$sealed = @(Select-OtherOwner -Owners $Entry.Sealed) + $Collection
$older = @(Select-OtherOwner -Owners $Entry.Older)
if ([Array]::IndexOf($Entry.Sealed, $Collection) -lt 0 -or $sealed.Length -ne $Entry.Sealed.Length -or $older.Length -ne $Entry.Older.Length) {
Write-Owner -Key $Key -Id $Entry.Id -Sealed $sealed -Older $older
}
if ($null -ne $Entry.Seal) { return }
$written = Read-EntryState -Entry $Key -What 'Written'
if ($null -ne $written) { $Key.SetValue('WrittenSeal', (Get-WrittenSeal -Id $Entry.Id -State $written), 'String') }
$Key.SetValue('Seal', (Get-Seal -Entry $Entry), 'String')
}

function Complete-Entry {
param($Entry, [string] $Id, $Next)
Write-EntryState -Entry $Entry -What 'Written' -State $Next
$Entry.SetValue('WrittenSeal', (Get-WrittenSeal -Id $Id -State $Next), 'String')
$Entry.DeleteValue('Pending', $false)
$Entry.DeleteValue('PendingAbsent', $false)
$Entry.Dispose()
}

function Join-ExistingEntry {
param($Journal, [string] $Hive, [int] $View, [string] $Path, $Name)
$id = Get-PlaceId -Hive $Hive -View $View -Path $Path -Name $Name
$key = $Journal.OpenSubKey($id, $true)
if ($null -eq $key) { return }
try {
$owners = @($key.GetValue('Owners'))
$joined = $owners -ccontains $Collection -and $null -ne $key.GetValue('Seal') -and $null -ne $key.GetValue('Complete')
foreach ($owner in $Adopts) { if ($owners -ccontains $owner) { $joined = $false } }
if (-not $joined) {
$entry = Read-Entry -Journal $Journal -Id $id
if ($entry.Rest) { return }
if ($entry.Problem) {
Write-PolicyLog -Message "Entry $id of the journal is broken, $($entry.Problem); rollback.ps1 -ShowEntry $id shows it" -Type 3
return
}
Join-Owner -Key $key -Entry $entry
}
} finally {
$key.Dispose()
}
$above = if ($null -ne $Name) { $Path } else { $Path.Substring(0, [Math]::Max(0, $Path.LastIndexOf('\'))) }
if ($above) { Join-ExistingEntry -Journal $Journal -Hive $Hive -View $View -Path $above -Name $null }
}

function Test-Key {
param($Root, [string] $Path)
try { $key = $Root.OpenSubKey($Path, $false) } catch [Security.SecurityException] { return $true }
if ($null -eq $key) { return $false }
$key.Dispose()
return $true
}

function Get-StateSize {
param($State)
if ($State.State -ne 'present') { return 0 }
switch ($State.Kind) {
{ $_ -eq 'String' -or $_ -eq 'ExpandString' } { return 2 * $State.Data.Length }
{ $_ -eq 'Binary' -or $_ -eq 'None' } { return $State.Data.Length }
'MultiString' { return 2 * [string]::Join('0', $State.Data).Length }
}
return 0
}

function Find-Entry {
param($Journal, $Change)
if ($null -ne $Journal) {
$key = $Journal.OpenSubKey($Change.Id, $false)
if ($null -ne $key) {
$key.Dispose()
$entry = Read-Entry -Journal $Journal -Id $Change.Id
if ($entry.Problem) { throw "entry $($Change.Id) of the journal is broken, $($entry.Problem); rollback.ps1 -ShowEntry $($Change.Id) shows it" }
if (-not $entry.Rest) { return $entry }
}
}
$most = if ($Change.Hive -eq 'HKU') { 65536 } else { 1048576 }
$size = Get-StateSize -State $Change.Previous
if ($size -gt $most) { throw "it holds $size bytes, and the journal keeps no more than $most of one value: the change could not be undone" }
return $null
}

function Get-Change {
param([string] $Hive, [int] $View, [string] $Id, [string] $Path, $Name, $Previous, $Next, [string] $Above)
return @{
Id = $Id; Hive = $Hive; View = $View; Path = $Path; Name = $Name; Previous = $Previous; Next = $Next; Above = $Above
Sensitive = $false; ClearOnUndo = $false; Failure = ''; Known = $null; Entry = $null
Said = [Collections.Generic.List[object]]::new()
}
}

function Add-Change {
param($Plan, $Journal, $Finding, $Next, [string] $Text)
$setting = $Finding.Setting
$at = @{ Hive = $Finding.Hive; View = $setting.View }
$name = $setting['Name']
$steps = [Collections.Generic.List[object]]::new()
$above = ''
if ($null -eq $name -or $Next.State -ne 'absent') {
$root = Open-Root @at
$path = ''
foreach ($part in $Finding.Path.Split('\')) {
$path = if ($path) { $path + '\' + $part } else { $part }
$id = Get-PlaceId @at -Path $path -Name $null
if ($Plan.Contains($id)) {
$above = $id
} elseif (-not $above -and (Test-Key -Root $root -Path $path)) {
if ($null -ne $Journal) { Join-ExistingEntry -Journal $Journal @at -Path $path -Name $null }
} else {
$steps.Add((Get-Change @at -Id $id -Path $path -Name $null -Previous @{ State = 'absent' } -Next @{ State = 'present'; Kind = 'Key'; Data = $null } -Above $above))
$above = $id
}
}
}
if ($null -ne $name) {
$id = Get-PlaceId @at -Path $Finding.Path -Name $name
if ($Plan.Contains($id)) {
$Plan[$id].Next = $Next
$Plan[$id].Said.Add(@{ Setting = $setting.Id; Text = $Text })
return
}
$steps.Add((Get-Change @at -Id $id -Path $Finding.Path -Name $name -Previous $Finding.State -Next $Next -Above $above))
}
if (Test-ChangedSince @at -Path $Finding.Path -Name $name -State $Finding.State) {
Write-PolicyLog -Message "$($setting.Id): changed by someone else since policyc wrote it: $(Format-Finding -Finding $Finding)" -Type 2
}
foreach ($step in $steps) {
if ($null -ne $step.Name) {
$step.Sensitive = [bool]$setting['Sensitive']
$step.ClearOnUndo = [bool]$setting['ClearOnUndo']
}
$step.Known = Find-Entry -Journal $Journal -Change $step
}
$steps[$steps.Count - 1].Said.Add(@{ Setting = $setting.Id; Text = $Text })
foreach ($step in $steps) { $Plan.Add($step.Id, $step) }
}

function Save-Plan {
param($Plan, $Journal)
foreach ($id in [string[]]@($Journal.GetValue('Making'))) {
if ($id -and [Array]::IndexOf($Journal.GetSubKeyNames(), $id) -ge 0 -and (Read-Entry -Journal $Journal -Id $id).Rest) { $Journal.DeleteSubKeyTree($id, $false) }
}
$Journal.SetValue('Making', [string[]]@(foreach ($change in $Plan.Values) { if ($null -eq $change.Known) { $change.Id } }), 'MultiString')
foreach ($change in $Plan.Values) {
try {
if ($change.Above) { $change.Failure = $Plan[$change.Above].Failure }
if ($Clock.Elapsed.TotalSeconds -gt 0.85 * $TimeLimit) { throw "it was not reached in the $TimeLimit seconds that this script takes" }
if (-not $change.Failure) { $change.Entry = Write-Entry -Journal $Journal -Change $change }
} catch {
$change.Failure = $_.Exception.GetBaseException().Message
if ($null -eq $change.Known) { $Journal.DeleteSubKeyTree($change.Id, $false) }
}
}
$Journal.Flush()
}

function Invoke-Change {
param($Change)
$root = Open-Root -Hive $Change.Hive -View $Change.View
$name = $Change.Name
if ($null -eq $name) {
$at = $Change.Path.LastIndexOf('\')
$parent = if ($at -lt 0) { $root } else { Open-KeyFor -Right 'CreateSubKey' -Root $root -Path $Change.Path.Substring(0, $at) }
$last = $Change.Path.Substring($at + 1)
$made = $parent.CreateSubKey($last, [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadSubTree)
$made.Dispose()
return $null
}
$key = Open-KeyFor -Right 'QueryValues, SetValue' -Root $root -Path $Change.Path
if ($null -eq $key) { throw 'its key has gone' }
Write-Value -Key $key -Name $name -Current $Change.Previous -Next $Change.Next
return $key
}

function Complete-Finding {
param($Plan, $Finding)
$id = Get-PlaceId -Hive $Finding.Hive -View $Finding.Setting.View -Path $Finding.Path -Name $Finding.Setting['Name']
if (-not $Plan.Contains($id)) { return }
$Finding.State = $Plan[$id].Next
$verdict = Get-Verdict -Setting $Finding.Setting -State $Finding.State
$Finding.Holds = $verdict.Holds
$Finding.Failure = $verdict.Failure
}

function Get-NextState {
param($Finding)
$setting = $Finding.Setting
switch ($setting.Write) {
'Delete' { return @{ State = 'absent' } }
'CreateKey' { return @{ State = 'present'; Kind = 'Key'; Data = $null } }
default {
$data = $setting['Data']
if (-not $setting.ContainsKey('Data')) { $data = $setting.Operand }
if ($setting.Kind -eq 'DWord') { $data = [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$data), 0) }
if ($setting.Kind -eq 'QWord') { $data = [BitConverter]::ToInt64([BitConverter]::GetBytes([uint64]$data), 0) }
return @{ State = 'present'; Kind = $setting.Kind; Data = $data }
}
}
}

$root = Open-Root -Hive 'HKLM' -View 64
$lock = Lock-Journal
if ($null -eq $lock) { throw $Busy }
try {
$journal = $root.OpenSubKey($JournalPath, $true)
$plan = [Collections.Specialized.OrderedDictionary]::new()
$TimeLimit = 20
$findings = @(Get-Finding)
$TimeLimit = 40
foreach ($finding in $findings) {
$setting = $finding.Setting
$at = @{ Hive = $finding.Hive; View = $setting.View; Path = $finding.Path; Name = $setting['Name'] }
if ($plan.Count -and -not $finding.Holds) { Complete-Finding -Plan $plan -Finding $finding }
if ($finding.Failure) { continue }
if ($finding.Holds) {
if ($null -ne $journal) { Join-ExistingEntry -Journal $journal @at }
continue
}
if ($Clock.Elapsed.TotalSeconds -gt 0.7 * $TimeLimit) {
Write-PolicyLog -Message "$($setting.Id): not reached in the $TimeLimit seconds that this script takes; left for the next run" -Type 3
continue
}
$change = Format-Place @at
try {
$next = Get-NextState -Finding $finding
$old = Format-State -State $finding.State -Sensitive $setting['Sensitive']
$change = "$change from $old to $(Format-State -State $next -Sensitive $setting['Sensitive'])"
Add-Change -Plan $plan -Journal $journal -Finding $finding -Next $next -Text $change
} catch {
Write-PolicyLog -Message "$($setting.Id): could not change $change. $($_.Exception.GetBaseException().Message)" -Type 3
}
}
if ($plan.Count) {
if ($null -eq $journal) { $journal = Open-Journal }
Save-Plan -Plan $plan -Journal $journal
$hives = [Collections.Generic.Dictionary[string, object]]::new()
foreach ($change in $plan.Values) {
try {
if ($change.Above -and -not $change.Failure) { $change.Failure = $plan[$change.Above].Failure }
if ($Clock.Elapsed.TotalSeconds -gt $TimeLimit) { throw "it was not reached in the $TimeLimit seconds that this script takes" }
if (-not $change.Failure) { Add-HiveToFlush -Hives $hives -Hive $change.Hive -Path $change.Path -Key (Invoke-Change -Change $change) }
} catch {
$change.Failure = $_.Exception.GetBaseException().Message
}
foreach ($said in $change.Said) {
if ($change.Failure) {
Write-PolicyLog -Message "$($said.Setting): could not change $($said.Text). $($change.Failure)" -Type 3
} else {
Write-PolicyLog -Message "$($said.Setting): changed $($said.Text)"
}
}
}
Sync-Hive -Hives $hives
foreach ($change in $plan.Values) {
if ($null -eq $change.Entry) { continue }
if ($change.Failure) {
Clear-FailedEntry -Journal $journal -Entry $change.Entry
} else {
Complete-Entry -Entry $change.Entry -Id $change.Id -Next $change.Next
}
}
$journal.DeleteValue('Making', $false)
}
} finally {
if ($null -ne $lock) { $lock.Dispose() }
}
$TimeLimit += 10
$left = @(foreach ($finding in @(Get-Finding)) { if (-not $finding.Holds) { $finding } })
if ($left.Length) {
$ids = foreach ($finding in $left) {
Write-PolicyLog -Message "$($finding.Setting.Id): still not compliant, $(Format-Finding -Finding $finding)" -Type 3
$finding.Setting.Id
}
throw "policyc: still not compliant after remediation: $([string]::Join(', ', @($ids)))"
}
