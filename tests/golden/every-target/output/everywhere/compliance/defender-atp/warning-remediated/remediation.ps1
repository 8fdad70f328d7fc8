<#
.SYNOPSIS
    Brings the settings below about on this device, for ConfigMgr.
.DESCRIPTION
    Changes what fails and nothing else, and keeps in the journal what was there before, for rollback.ps1. Writes nothing: each change is
    in the log. Throws where a setting still fails afterwards. The functions are those of remediate.ps1, without their comments.
.NOTES
    For the collection everywhere, made by policyc from everywhere.yaml: change it there, not here.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Settings = @(
    @{ Id = 'defender-atp-sample-collection'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'; Name = 'AllowSampleCollection'; Kind = 'DWord'; Equals = 0; Default = 1; Pin = $true }
    @{ Id = 'defender-atp-device-tag'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection\DeviceTagging'; Name = 'Group'; Kind = 'String'; Equals = 'Everywhere'; Exact = $true; ClearOnUndo = $true }
)
$Collection = '8ee4ffd4-acdb-58d3-be46-275fec287ebb/everywhere'
$Adopts = ([string[]]@('everywhere'))
$LogName = 'policyc-everywhere-8ee4ffd4.log'

#region policyc engine, SHA-256 b9b033f4ac083751ec2427c95f1978b9cc049339f1ecf10b77c800b0f0262216
function Test-Elevation {
$user=[Security.Principal.WindowsPrincipal]::new([Security.Principal.WindowsIdentity]::GetCurrent())
return $user.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}
function Get-Refusal {
$mode=$ExecutionContext.SessionState.LanguageMode
if($mode -ne 'FullLanguage'){
return "policyc: PowerShell runs in $mode mode here, and this script needs FullLanguage. An application control policy must trust the script: sign it, or allow its folder."
}
if([Environment]::OSVersion.Platform -ne 'Win32NT'){return 'policyc: this script configures Windows; nothing was done.'}
if(-not (Test-Elevation)){return 'policyc: this script must run as SYSTEM or as an administrator with elevation; nothing was done.'}
}
function Assert-Time {
param([double]$Share)
if($Clock.Elapsed.TotalSeconds -gt $Share * $TimeLimit){throw "it was not reached in the $TimeLimit seconds that this script takes"}
}
$LogFolder=@{Path='';Problem=''}
function Get-FolderProblem {
param([IO.FileAttributes]$Attributes,[string]$Owner,[string]$User)
if($Attributes -band [IO.FileAttributes]::ReparsePoint){return 'it is a link to another place'}
$trusted='S-1-5-18','S-1-5-32-544','S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464',$User
if([Array]::IndexOf($trusted,$Owner) -lt 0){return "it belongs to $Owner, who is neither SYSTEM nor Administrators"}
return ''
}
function Get-LogFolder {
if($LogFolder.Problem){throw $LogFolder.Problem}
if($LogFolder.Path){return $LogFolder.Path}
$path=[IO.Path]::Combine([Environment]::GetFolderPath('Windows'),'Logs\policyc')
try{
$info=[IO.DirectoryInfo]::new($path)
$security=[Security.AccessControl.DirectorySecurity]::new()
$security.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
$beside='System.IO.FileSystemAclExtensions' -as [type]
if(-not $info.Exists){
if($beside){$beside::Create($info,$security)}else{$info.Create($security)}
$info.Refresh()
}
$sections='Owner, Access'
$found=if($beside){$beside::GetAccessControl($info,$sections)}else{$info.GetAccessControl($sections)}
$owner=$found.GetOwner([Security.Principal.SecurityIdentifier]).Value
$problem=Get-FolderProblem -Attributes $info.Attributes -Owner $owner -User ([Security.Principal.WindowsIdentity]::GetCurrent().User.Value)
if($problem){throw $problem}
if(-not $found.AreAccessRulesProtected){
if($beside){$beside::SetAccessControl($info,$security)}else{$info.SetAccessControl($security)}
}
}catch{
$LogFolder.Problem="the folder $path can't be used: $($_.Exception.GetBaseException().Message)"
throw $LogFolder.Problem
}
$LogFolder.Path=$path
return $path
}
function Write-PolicyLog {
param([string]$Message,[int]$Type=1)
try{
$file=[IO.FileInfo]::new([IO.Path]::Combine((Get-LogFolder),$LogName))
if($file.Exists -and $file.Length -gt 1000000){
$old=[IO.Path]::ChangeExtension($file.FullName,'.lo_')
[IO.File]::Delete($old)
[IO.File]::Move($file.FullName,$old)
}
$now=[DateTime]::Now
$form='<![LOG[{0}]LOG]!><time="{1:HH:mm:ss.fff}{2:+000;-000;+000}" date="{1:MM-dd-yyyy}" component="policyc" context="" type="{3}" thread="{4}" file="">{5}'
$text=(ConvertTo-VisibleText -Text $Message -Hidden '[^ -~]').Replace(']LOG]!',']LOG] !')
$bias=-[int][TimeZoneInfo]::Local.GetUtcOffset($now).TotalMinutes
$parts=@($text,$now,$bias,$Type,[Threading.Thread]::CurrentThread.ManagedThreadId,[Environment]::NewLine)
[IO.File]::AppendAllText($file.FullName,[string]::Format([Globalization.CultureInfo]::InvariantCulture,$form,$parts))
}catch{
Write-Verbose -Message "The log could not be written: $($_.Exception.Message)"
}
}
$LockSeconds=20
function Lock-Journal {
$path=[IO.Path]::Combine((Get-LogFolder),'policyc.lock')
$waited=[Diagnostics.Stopwatch]::StartNew()
while($true){
try{
return [IO.FileStream]::new($path,[IO.FileMode]::OpenOrCreate,[IO.FileAccess]::ReadWrite,[IO.FileShare]::None)
}catch{
if(($_.Exception.GetBaseException().HResult -band 0xFFFF) -ne 32){throw}
}
if($waited.Elapsed.TotalSeconds -ge $LockSeconds){break}
[Threading.Thread]::Sleep(200)
}
$busy="policyc: another run has been busy on this device for $LockSeconds seconds; nothing was changed"
Write-PolicyLog -Message $busy -Type 2
throw [TimeoutException]::new($busy)
}
$DataTypes=@{
String=[string];ExpandString=[string];MultiString=[string[]];DWord=[int];QWord=[long];Binary=[byte[]];None=[byte[]]
}
function Open-Root {
param([string]$Hive,[int]$View)
return [Microsoft.Win32.RegistryKey]::OpenBaseKey($(if($Hive -eq 'HKU'){'Users'}else{'LocalMachine'}),"Registry$View")
}
function Test-Loaded {
param([string]$Path)
return (Open-Root 'HKU' 64).GetSubKeyNames() -contains $Path.Split('\')[0]
}
function Open-Place {
param($Place)
$key=(Open-Root $Place.Hive $Place.View).OpenSubKey($Place.Path,$false)
if(-not $key){
if($Place.Hive -eq 'HKU' -and -not (Test-Loaded $Place.Path)){throw 'the hive is not loaded'}
return @{Key=$null}
}
return @{Key=$key;Names=[Collections.Generic.HashSet[string]]::new($key.GetValueNames(),[StringComparer]::OrdinalIgnoreCase)}
}
function Read-Value {
param($Opened,$Name)
if(-not $Opened.Key){return @{State='absent'}}
if($null -eq $Name){return @{State='present';Kind='Key'}}
if($Opened.Contains('Names') -and -not $Opened.Names.Contains($Name)){return @{State='absent'}}
try{
$kind=[string]$Opened.Key.GetValueKind($Name)
$data=$Opened.Key.GetValue($Name,$null,'DoNotExpandEnvironmentNames')
if($DataTypes.ContainsKey($kind) -and $data -is $DataTypes[$kind]){return @{State='present';Kind=$kind;Data=$data}}
$failure='the value is of a kind or size that .NET cannot read'
}catch{
$failure=$_.Exception.GetBaseException().Message
}
return @{State='unreadable';There=$true;Failure=$failure}
}
function Read-Place {
param($Place)
if($Place['Of']){return & "Read-$($Place.Of)" -Place $Place.Name}
$opened=@{Key=$null}
try{
$opened=Open-Place $Place
return Read-Value $opened $Place.Name
}catch{
return @{State='unreadable';There=$false;Failure=$_.Exception.GetBaseException().Message}
}finally{
if($opened.Key){$opened.Key.Dispose()}
}
}
function Write-Value {
param($Key,[string]$Name,$Current,$Next)
$set=if($Next.State -eq 'present'){$Next}else{$Current}
if($set.State -eq 'present'){$Key.SetValue($Name,$set.Data,$set.Kind)}
if($Next.State -eq 'absent'){$Key.DeleteValue($Name,$false)}
}
function Add-HiveToFlush {
param($Hives,$Place,$Key)
$at="$($Place.Hive) $($Place.Path.Split('\')[0])"
if($Hives.Contains($at)){$Key.Dispose()}else{$Hives[$at]=$Key}
}
function Sync-Hive {
param($Hives)
foreach($changed in $Hives.Values){
$changed.Flush()
$changed.Dispose()
}
}
function ConvertTo-VisibleText {
param([string]$Text,[string]$Hidden='[\p{C}\p{Zl}\p{Zp}]')
return [regex]::Replace($Text,$Hidden,{param($Match) '\u{0:x4}' -f [int]$Match.Value[0]})
}
function ConvertTo-Number {
param([string]$Kind,$Data)
if($Data -ge 0){return [decimal]$Data}
return [decimal]$Data + $(if($Kind -eq 'DWord'){4294967296}else{18446744073709551616})
}
function Format-Text {
param([string]$Text)
return '"' + $Text.Substring(0,[Math]::Min($Text.Length,121)) + '"'
}
function Format-Data {
param([string]$Kind,$Data)
$text=if($Data -is [byte[]]){
[BitConverter]::ToString($Data,0,[Math]::Min($Data.Length,61)).Replace('-','')
}elseif($Data -is [string[]]){
'{' + [string]::Join('; ',@(for($i=0;$i -lt $Data.Length -and $i -lt 99;$i++){Format-Text $Data[$i]})) + '}'
}elseif($Kind -eq 'Binary'){
$Data
}elseif($Data -is [string]){
Format-Text $Data
}else{
[string](ConvertTo-Number $Kind $Data)
}
if(-not $text){return 'empty'}
if($text.Length -gt 120){$text=$text.Substring(0,120) + '...'}
return ConvertTo-VisibleText -Text $text
}
function Format-State {
param($State,$Sensitive,[string]$Of)
if($State.State -eq 'unreadable'){return "unreadable ($($State.Failure))"}
if($Of){return $(if($Sensitive){'(masked)'}else{ConvertTo-VisibleText (& "Format-${Of}State" -State $State)})}
if($State.State -eq 'absent' -or $State.Kind -eq 'Key'){return $State.State}
$text=if($Sensitive){'(masked)'}else{Format-Data $State.Kind $State.Data}
return "$text [$($State.Kind)]"
}
function Format-Place {
param($Place)
if($Place['Of']){return ConvertTo-VisibleText (& "Format-$($Place.Of)Place" -Place $Place.Name)}
$name=if($Place.Name){" : $($Place.Name)"}elseif($null -ne $Place.Name){' : (Default)'}
return ConvertTo-VisibleText "$($Place.Hive)\$($Place.Path)$name$(if ($Place.View -eq 32) { ' (32-bit view)' })"
}
$Conditions=@{
Present='be there';Absent='be absent';Equals='be {0}';NotEquals='not be {0}';AtLeast='be at least {0}'
AtMost='be at most {0}';Between='be from {0}';OneOf='be one of {0}';NoneOf='be none of {0}'
Matches='match {0} as a whole';Contains='contain {0}';SetEquals='hold exactly {0} in any order'
}
function Get-Condition {
param($Setting)
foreach($word in $Setting.Keys){if($Conditions.ContainsKey($word)){return $word}}
}
function Format-Must {
param($Setting)
if($Setting['Of']){
if($Setting['Sensitive']){return 'hold what the policy says (sensitive)'}
return ConvertTo-VisibleText (& "Format-$($Setting.Of)Must" -Setting $Setting)
}
$condition=Get-Condition $Setting
$any=if($Setting.Contains('Name') -and -not $Setting.Contains('Kind')){' (any value)'}
if($condition -eq 'Present'){return $Conditions.Present + $any}
if($condition -eq 'Absent'){return $Conditions.Absent}
$kind='[' + ($Setting.Kind -creplace '(?<=[a-z])(?=[A-Z])','_').ToLowerInvariant() + ']'
if($Setting['Sensitive']){return "hold what the policy says (sensitive) $kind"}
$operands=@(
switch($condition){
'Matches' {$Setting['Pattern']}
{$_ -eq 'Equals' -or $_ -eq 'NotEquals'} {,$Setting[$_]}
default {$Setting[$_]}
}
)
$parts=@(foreach($operand in $operands){Format-Data $Setting.Kind $operand})
$text=$Conditions[$condition] -f [string]::Join($(if($condition -eq 'Between'){' to '}else{', '}),$parts)
if($Setting['Exact']){$text += ', in exactly this case'}
if(-not $Setting.Contains('Default')){return "$text $kind"}
$pinned=if($Setting['Pin']){', written out although'}else{';'}
return "$text $kind$pinned absent counts as $(Format-Data $Setting.Kind $Setting.Default)"
}
function Format-Finding {
param($Finding)
$where=Format-Place $Finding.Place
if($Finding.Failure){return "$where can't be judged: $($Finding.Failure)"}
try{$is=Format-State $Finding.State $Finding.Setting['Sensitive'] $Finding.Place['Of']}catch{$is='what cannot be shown'}
return "$where is $is, must $(Format-Must $Finding.Setting)"
}
function Test-Verdict {
param($Setting,$State)
if($Setting['Of']){
if($State.State -eq 'unreadable'){throw $State.Failure}
return & "Test-$($Setting.Of)" -Setting $Setting -State $State
}
$condition=foreach($word in $Setting.Keys){if($Conditions.ContainsKey($word)){$word;break}}
if($State.State -eq 'unreadable'){
if($State.There -and $condition -eq 'Present'){return $true}
throw $State.Failure
}
if($condition -eq 'Present' -or $condition -eq 'Absent'){return $State.State -eq $condition}
if($State.State -eq 'present'){
if($State.Kind -ne $Setting.Kind){return $false}
$data=$State.Data
switch($State.Kind){
{$_ -eq 'DWord' -or $_ -eq 'QWord'} {if($data -lt 0){$data=ConvertTo-Number $_ $data}}
'Binary' {$data=[BitConverter]::ToString($data).Replace('-','')}
'MultiString' {if([Array]::IndexOf($data,'') -ge 0){$data=& 'Get-Element' -List $data}}
}
}elseif($Setting.Contains('Default')){
if($Setting['Pin']){return $false}
$data=$Setting.Default
}else{
return $condition -eq 'NotEquals' -or $condition -eq 'NoneOf'
}
return & "Test-$condition" -Data $data -Operand $Setting[$condition] -Exact $Setting['Exact']
}
function Get-Finding {
param([double]$Share=1)
$open=[hashtable]::new([StringComparer]::OrdinalIgnoreCase)
try{
foreach($setting in $Settings){
if($setting.Contains('Applies') -and -not (& 'Test-Applies' -Limits $setting.Applies)){continue}
$unknown=''
if($setting.Contains('OnlyIf')){
try{if(-not (& 'Test-Fact' -Fact $setting.OnlyIf)){continue}}catch{$unknown=$_.Exception.GetBaseException().Message}
}
if($setting['Only']){
& 'Get-ListFinding' -Setting $setting -Unknown $unknown -Share $Share
continue
}
$hive,$key=([string]$setting['Key']).Split([char[]]'\',2)
foreach($path in @(if($hive -eq 'HKCU'){& 'Get-UserPath' -Key $key}else{$key})){
$place=if($setting['Of']){
& 'Get-OtherPlace' -Row $setting
}else{
@{Hive=$hive.Replace('HKCU','HKU');View=$(if($setting['View']){32}else{64});Path=$path;Name=$setting['Name']}
}
$finding=@{Setting=$setting;Place=$place;State=$null;Holds=$false;Failure=''}
try{
if($unknown){throw $unknown}
if($Clock.Elapsed.TotalSeconds -gt $Share * $TimeLimit){Assert-Time $Share}
$finding.State=if($setting['Of']){
Read-Place $place
}else{
$at="$($place.Hive) $($place.View) $path"
if(-not $open.Contains($at)){$open[$at]=Open-Place $place}
Read-Value $open[$at] $place.Name
}
$finding.Holds=Test-Verdict $setting $finding.State
}catch{
$finding.Failure=$_.Exception.GetBaseException().Message
}
$finding
}
}
}finally{
foreach($opened in $open.Values){if($opened.Key){$opened.Key.Dispose()}}
}
}
function Test-ForUser {
return [bool]$Settings.Where({([string]$_['Key']).StartsWith('HKCU\','Ordinal')})
}
function Test-Equals {
param($Data,$Operand,$Exact)
if($Data -is [string[]]){
if($Data.Length -ne $Operand.Length){return $false}
$Data,$Operand=[string]::Join("`0",$Data),[string]::Join("`0",$Operand)
}
if($Data -isnot [string]){return $Data -eq $Operand}
return [string]::Equals($Data,$Operand,$(if($Exact){'Ordinal'}else{'OrdinalIgnoreCase'}))
}
$JournalPath='SOFTWARE\policyc\journal'
function Get-Hash {
param([string]$Text)
$bytes=[byte[]]::new(2 * $Text.Length)
[Buffer]::BlockCopy($Text.ToCharArray(),0,$bytes,0,$bytes.Length)
$hasher=[Security.Cryptography.SHA256]::Create()
try{return [BitConverter]::ToString($hasher.ComputeHash($bytes)).Replace('-','')}finally{$hasher.Dispose()}
}
function Get-PlaceId {
param($Place)
$what=if($null -eq $Place.Name){'key'}else{"value`0$($Place.Name)"}
return (Get-Hash "$($Place['Of'])$($Place.Hive)`0$($Place.View)`0$($Place.Path)`0$what".ToUpperInvariant()).Substring(0,40)
}
function Get-StatePart {
param($State)
if($State.State -ne 'present'){return $State.State}
$State.Kind
switch($State.Kind){
'Key' {break}
{$_ -eq 'Binary' -or $_ -eq 'None'} {[BitConverter]::ToString($State.Data)}
default {$State.Data}
}
}
function Join-Part {
param([string[]]$Parts)
return -join @(foreach($part in $Parts){"$($part.Length):$part"})
}
function Test-SameState {
param($Left,$Right)
if($Left.State -eq 'unreadable'){return $false}
return (Join-Part (Get-StatePart $Left)).Equals((Join-Part (Get-StatePart $Right)))
}
function Read-EntryState {
param($Entry,[string]$What)
$names=$Entry.GetValueNames()
if($names -contains "${What}Absent"){return @{State='absent'}}
if($names -notcontains $What){return $null}
if($names -notcontains 'Name'){return @{State='present';Kind='Key'}}
return Read-Value @{Key=$Entry} $What
}
function Test-ChangedSince {
param($Place,$State)
$entry=(Open-Root 'HKLM' 64).OpenSubKey("$JournalPath\$(Get-PlaceId $Place)",$false)
if(-not $entry){return $false}
try{
if($null -eq $entry.GetValue('Complete')){return $false}
foreach($what in 'Written','Pending','Previous'){
$known=Read-EntryState $entry $what
if($known -and (Test-SameState $known $State)){return $what -eq 'Previous' -and -not (Read-EntryState $entry 'Pending')}
}
return $true
}finally{
$entry.Dispose()
}
}
function Get-Digest {
param([string]$Id,[string[]]$Parts)
return Get-Hash (Join-Part (@($Id.ToUpperInvariant()) + $Parts))
}
function Get-Seal {
param($Entry)
$parts=@("$($Entry['Of'])$($Entry.Hive)",[string]$Entry.View,$Entry.Path)
if($null -ne $Entry.Name){$parts += 'Name',$Entry.Name}
$parts += [string]$Entry.Sensitive,[string]$Entry.ClearOnUndo
return '2:' + (Get-Digest $Entry.Id ($parts + @(Get-StatePart $Entry.Previous)))
}
function Select-OtherOwner {
param([string[]]$Owners)
foreach($owner in $Owners){if($owner -cne $Collection -and [Array]::IndexOf($Adopts,$owner) -lt 0){$owner}}
}
function Read-Owner {
param($Key,$Entry)
if([string]$Key.GetValueKind('Owners') -ne 'MultiString'){return $false}
$digest=''
foreach($owner in [string[]]$Key.GetValue('Owners')){
if($owner.StartsWith('sha256:','Ordinal') -and -not $digest){
$digest=$owner
$Entry.Sealed,$Entry.Older=$Entry.Older,@()
}else{
$Entry.Older += $owner
}
}
if((-join $Entry.Older) -match '[/:]'){return $false}
if(-not $digest){return $null -eq $Entry.Seal -and $Entry.Older.Length -gt 0}
return $Entry.Sealed.Length -gt 0 -and $digest -ceq "sha256:$(Get-Digest $Entry.Id $Entry.Sealed)"
}
function Write-Owner {
param($Key,[string]$Id,[string[]]$Sealed,[string[]]$Older)
if($Sealed.Length){$Sealed += "sha256:$(Get-Digest $Id $Sealed)"}else{$Key.DeleteValue('Seal',$false)}
$Key.SetValue('Owners',[string[]]($Sealed + $Older),'MultiString')
}
function Read-Entry {
param($Journal,[string]$Id)
$entry=@{
Id=$Id;Problem='';Rest=$false;Of='';Hive='';View=0;Path='';Name=$null;Sensitive=$false;ClearOnUndo=$false
Previous=$null;Known=@();WrittenAltered=$false;Seal=$null;Sealed=@();Older=@();OwnersKnown=$false
}
$key=$Journal.OpenSubKey($Id,$false)
try{
$names=$key.GetValueNames()
if($names -contains 'Complete'){
$entry.Problem=[string](Read-CompleteEntry $key $entry)
}elseif([Array]::IndexOf([string[]]@($Journal.GetValue('Making')),$Id) -ge 0){
$entry.Rest=$true
}else{
$entry.Rest=$names.Length -and -not ($names -match '^(Seal|Written|WrittenAbsent)$')
if(-not $entry.Rest){$entry.Problem='it is not whole, and no run was making it'}
}
}catch{
$entry.Problem="it cannot be read: $($_.Exception.GetBaseException().Message)"
}finally{
if($key){$key.Dispose()}
}
return $entry
}
function Read-CompleteEntry {
param($Key,$Entry)
$names=$Key.GetValueNames()
$field=@{}
foreach($name in 'Of','Hive','View','Key','Name','Seal'){
$kind=if($name -eq 'View'){'DWord'}else{'String'}
$field[$name]=if($names -contains $name -and [string]$Key.GetValueKind($name) -eq $kind){$Key.GetValue($name)}
}
if($names -contains 'Seal'){$Entry.Seal=[string]$field.Seal}
$Entry.OwnersKnown=$names -contains 'Owners' -and (Read-Owner $Key $Entry)
$Entry.Sensitive=$names -contains 'Sensitive'
$Entry.ClearOnUndo=$names -contains 'ClearOnUndo'
$named=$names -notcontains 'Name' -or $null -ne $field.Name
if($names -contains 'Of'){
if(-not $field.Name -or $field.Of -notmatch '\A[a-z]+\z'){return 'it does not say where'}
$Entry.Of,$Entry.Name=$field.Of,$field.Name
}elseif(-not $named -or $field.Hive -cnotin 'HKLM','HKU' -or $field.View -notin 32,64 -or -not $field.Key){
return 'it does not say where'
}else{
$Entry.Hive,$Entry.View,$Entry.Path,$Entry.Name=$field.Hive,$field.View,$field.Key,$field.Name
}
if((Get-PlaceId $Entry) -ne $Entry.Id){return 'it is the entry of another place than it says'}
if(-not $Entry.OwnersKnown){return 'it does not say who relies on it'}
$Entry.Previous=Read-EntryState $Key 'Previous'
$both=$names -contains 'Previous' -and $names -contains 'PreviousAbsent'
if(-not $Entry.Previous -or $both -or $Entry.Previous.State -eq 'unreadable'){return 'it does not say what was there before'}
if($Entry.Previous.State -eq 'present' -and $null -eq $Entry.Name){return 'it says that a key was there before it was made'}
if($null -eq $Entry.Seal -or $Entry.Seal -ceq (Get-Seal $Entry)){return}
$format=$Entry.Seal.Split(':')[0]
if($format -match '\A[0-9]+\z' -and $format -ne '2'){return "it has the format $format, which this script does not know"}
return 'it does not hold what was sealed'
}
function Open-Journal {
$root=Open-Root 'HKLM' 64
$security=[Security.AccessControl.RegistrySecurity]::new()
$security.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)')
return $root.CreateSubKey($JournalPath,'ReadWriteSubTree','None',$security)
}
function Write-EntryState {
param($Entry,[string]$What,$State)
if($State.State -eq 'absent'){
$Entry.SetValue("${What}Absent",1,'DWord')
$Entry.DeleteValue($What,$false)
}elseif($State.Kind -eq 'Key'){
$Entry.SetValue($What,1,'DWord')
}else{
$Entry.SetValue($What,$State.Data,$State.Kind)
$Entry.DeleteValue("${What}Absent",$false)
}
}
function Write-Written {
param($Entry,[string]$Id,$State)
Write-EntryState -Entry $Entry -What 'Written' -State $State
$Entry.SetValue('WrittenSeal',(Get-Digest $Id (Get-StatePart $State)),'String')
}
function Write-Entry {
param($Journal,$Change)
$id=$Change.Id
if($Change.Known){
$entry=$Journal.OpenSubKey($id,$true)
$pending=Read-EntryState $entry 'Pending'
if($pending -and (Test-SameState $pending $Change.Previous)){Write-Written -Entry $entry -Id $id -State $pending}
if($Change['Of'] -and (Test-Function 'Write-Base')){& 'Write-Base' -Entry $entry -Change $Change}
Write-EntryState -Entry $entry -What 'Pending' -State $Change.Next
Join-Owner $entry $Change.Known
return $entry
}
$Journal.DeleteSubKeyTree($id,$false)
$entry=$Journal.CreateSubKey($id)
if($Change['Of']){
$entry.SetValue('Of',$Change.Of,'String')
}else{
$entry.SetValue('Hive',$Change.Hive,'String')
$entry.SetValue('View',$Change.View,'DWord')
$entry.SetValue('Key',$Change.Path,'String')
}
if($null -ne $Change.Name){$entry.SetValue('Name',$Change.Name,'String')}
Write-EntryState -Entry $entry -What 'Previous' -State $Change.Previous
foreach($flag in 'ClearOnUndo','Sensitive'){if($Change[$flag]){$entry.SetValue($flag,1,'DWord')}}
Write-EntryState -Entry $entry -What 'Pending' -State $Change.Next
Write-Owner -Key $entry -Id $id -Sealed @($Collection) -Older @()
if(-not (Test-SameState (Read-EntryState $entry 'Previous') $Change.Previous)){throw 'what was there before cannot be kept'}
$entry.SetValue('Seal',(Get-Seal $Change),'String')
$entry.SetValue('Complete',1,'DWord')
return $entry
}
function Complete-Entry {
param($Journal,$Change)
$entry=$Change.Entry
if(-not $Change.Failure -or $Change['Altered']){Write-Written -Entry $entry -Id $Change.Id -State $Change.Next}
$stands=$null -ne (Read-EntryState $entry 'Written')
if($stands){
$entry.DeleteValue('Pending',$false)
$entry.DeleteValue('PendingAbsent',$false)
}
$entry.Dispose()
if(-not $stands){$Journal.DeleteSubKeyTree($Change.Id,$false)}
}
function Join-Owner {
param($Key,$Entry)
$sealed=@(Select-OtherOwner $Entry.Sealed) + $Collection
$older=@(Select-OtherOwner $Entry.Older)
$same=$Entry.Sealed -ccontains $Collection -and $sealed.Length -eq $Entry.Sealed.Length -and $older.Length -eq $Entry.Older.Length
if(-not $same){Write-Owner -Key $Key -Id $Entry.Id -Sealed $sealed -Older $older}
if($null -ne $Entry.Seal){return}
$written=Read-EntryState $Key 'Written'
if($written){$Key.SetValue('WrittenSeal',(Get-Digest $Entry.Id (Get-StatePart $written)),'String')}
$Key.SetValue('Seal',(Get-Seal $Entry),'String')
}
function Join-ExistingEntry {
param($Journal,$Place)
$id=Get-PlaceId $Place
$key=$Journal.OpenSubKey($id,$true)
if(-not $key){return}
try{
$owners=@($key.GetValue('Owners'))
$joined=$owners -ccontains $Collection -and $null -ne $key.GetValue('Seal') -and $null -ne $key.GetValue('Complete')
if(-not $joined -or $Adopts.Where({$owners -ccontains $_})){
$entry=Read-Entry $Journal $id
if($entry.Rest){return}
if($entry.Problem){return Write-PolicyLog -Message (Format-Problem $entry) -Type 3}
Join-Owner $key $entry
}
}finally{
$key.Dispose()
}
$above=if($null -ne $Place.Name){$Place.Path}else{$Place.Path.Substring(0,[Math]::Max(0,$Place.Path.LastIndexOf('\')))}
if($above){Join-ExistingEntry $Journal @{Hive=$Place.Hive;View=$Place.View;Path=$above;Name=$null}}
}
function Format-Problem {
param($Entry)
return "entry $($Entry.Id) of the journal is broken, $($Entry.Problem); rollback.ps1 -ShowEntry $($Entry.Id) shows it"
}
$MostOfAUser=65536
$MostOfTheMachine=1048576
function Find-Entry {
param($Journal,$Change)
$key=if($Journal){$Journal.OpenSubKey($Change.Id,$false)}
if($key){
$key.Dispose()
$entry=Read-Entry $Journal $Change.Id
if($entry.Problem){throw Format-Problem $entry}
if(-not $entry.Rest){return $entry}
}
$most=if($Change.Hive -eq 'HKU'){$MostOfAUser}else{$MostOfTheMachine}
$data=$Change.Previous['Data']
$size=if($data -is [byte[]]){$data.Length}else{2 * [string]::Join('0',@($data)).Length}
if($size -gt $most){throw "it holds $size bytes, and the journal keeps no more than $most of one value: the change could not be undone"}
return $null
}
function Save-Plan {
param($Plan,$Journal)
foreach($id in [string[]]@($Journal.GetValue('Making'))){
if($id -and $Journal.GetSubKeyNames() -contains $id -and (Read-Entry $Journal $id).Rest){$Journal.DeleteSubKeyTree($id,$false)}
}
$Journal.SetValue('Making',[string[]]@(foreach($change in $Plan.Values){if(-not $change.Known){$change.Id}}),'MultiString')
foreach($change in $Plan.Values){
try{
if($change.Above){$change.Failure=$Plan[$change.Above].Failure}
Assert-Time 0.85
if(-not $change.Failure){$change.Entry=Write-Entry $Journal $change}
}catch{
$change.Failure=$_.Exception.GetBaseException().Message
if(-not $change.Known){$Journal.DeleteSubKeyTree($change.Id,$false)}
}
}
$Journal.Flush()
}
function Get-SetState {
param($Setting)
$data=if($Setting.Contains('Set')){,$Setting['Set']}else{,$Setting[(Get-Condition $Setting)]}
switch($Setting.Kind){
'DWord' {$data=[BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$data),0)}
'QWord' {$data=[BitConverter]::ToInt64([BitConverter]::GetBytes([uint64]$data),0)}
'Binary' {$data=& 'ConvertFrom-Hex' -Text $data}
}
return @{State='present';Kind=$Setting.Kind;Data=$data}
}
function Get-NextState {
param($Setting,$State)
if($Setting['Of']){return & "Get-$($Setting.Of)Next" -Setting $Setting -State $State}
if(-not $Setting.Contains('Set')){
switch(Get-Condition $Setting){
'Absent' {return @{State='absent'}}
'Present' {return @{State='present';Kind='Key'}}
'Contains' {return & 'Get-AppendedState' -Setting $Setting -State $State}
}
}
return & 'Get-SetState' -Setting $Setting
}
function Test-Key {
param($Root,[string]$Path)
try{$key=$Root.OpenSubKey($Path,$false)}catch [Security.SecurityException] {return $true}
if($key){$key.Dispose()}
return [bool]$key
}
function Get-Change {
param($Place,$Previous,$Next,[string]$Above)
return $Place + @{
Id=Get-PlaceId $Place;Previous=$Previous;Next=$Next;Above=$Above;Sensitive=$false;ClearOnUndo=$false
Failure='';Known=$null;Entry=$null;Said=[Collections.Generic.List[object]]::new()
}
}
function Get-KeyChange {
param($Plan,$Journal,$Place)
$root=Open-Root $Place.Hive $Place.View
$above=''
$parts=$Place.Path.Split('\')
for($length=1;$length -le $parts.Length;$length++){
$key=@{Hive=$Place.Hive;View=$Place.View;Path=[string]::Join('\',$parts,0,$length);Name=$null}
$id=Get-PlaceId $key
if(-not $above -and -not $Plan.Contains($id) -and (Test-Key $root $key.Path)){
if($Journal){Join-ExistingEntry $Journal $key}
continue
}
if(-not $Plan.Contains($id)){Get-Change -Place $key -Previous @{State='absent'} -Next @{State='present';Kind='Key'} -Above $above}
$above=$id
}
}
function Add-Change {
param($Plan,$Journal,$Finding,$Next,[string]$Text)
$setting=$Finding.Setting
$place=$Finding.Place
$said=@{Setting=$setting.Id;Text=$Text}
$id=Get-PlaceId $place
if($Plan.Contains($id)){
$Plan[$id].Next=$Next
return $Plan[$id].Said.Add($said)
}
$steps=@(if(-not $place['Of'] -and ($null -eq $place.Name -or $Next.State -ne 'absent')){Get-KeyChange -Plan $Plan -Journal $Journal -Place $place})
if($null -ne $place.Name){
$key=Get-PlaceId @{Hive=$place.Hive;View=$place.View;Path=$place.Path;Name=$null}
$above=if($steps.Length -or $Plan.Contains($key)){$key}
$change=Get-Change -Place $place -Previous $Finding.State -Next $Next -Above $above
foreach($flag in 'Sensitive','ClearOnUndo'){$change[$flag]=[bool]$setting[$flag]}
$steps += $change
}
if(Test-ChangedSince $place $Finding.State){
Write-PolicyLog -Message "$($setting.Id): changed by someone else since policyc wrote it: $(Format-Finding $Finding)" -Type 2
}
foreach($step in $steps){$step.Known=Find-Entry $Journal $step}
$steps[-1].Said.Add($said)
foreach($step in $steps){$Plan.Add($step.Id,$step)}
}
function Write-Change {
param([string]$Id,[string]$Text,[string]$Failure)
if($Failure){
$said="${Id}: could not change $Text. $Failure"
Write-PolicyLog -Message $said -Type 3
return "Failed        $said"
}
Write-PolicyLog -Message "${Id}: changed $Text"
return "Changed       ${Id}: $Text"
}
function Add-Finding {
[CmdletBinding(SupportsShouldProcess)]
param($Plan,$Journal,$Finding)
$setting=$Finding.Setting
$place=$Finding.Place
$planned=if(-not $Finding.Holds -and ($Finding.State -or -not $setting.Contains('OnlyIf'))){$Plan[(Get-PlaceId $place)]}
if($planned){
$Finding.State=$planned.Next
$Finding.Holds=Test-Verdict $setting $Finding.State
}elseif($Finding.Failure){
return
}
if($Finding.Holds){
if($Journal){Join-ExistingEntry $Journal $place}
return
}
$change=Format-Place $place
try{
Assert-Time 0.7
$next=Get-NextState $setting $Finding.State
$change += " from $(Format-State $Finding.State $setting['Sensitive'] $place['Of']) to $(Format-State $next $setting['Sensitive'] $place['Of'])"
if($PSCmdlet.ShouldProcess($change,"Change $($setting.Id)")){Add-Change -Plan $Plan -Journal $Journal -Finding $Finding -Next $next -Text $change}
}catch{
Write-Change -Id $setting.Id -Text $change -Failure $_.Exception.GetBaseException().Message
}
}
function Invoke-Change {
param($Change)
$root=Open-Root $Change.Hive $Change.View
if($null -eq $Change.Name){
$at=$Change.Path.LastIndexOf('\')
$parent=if($at -lt 0){$root}else{$root.OpenSubKey($Change.Path.Substring(0,$at),'ReadWriteSubTree','CreateSubKey')}
$last=$Change.Path.Substring($at + 1)
$made=$parent.CreateSubKey($last,[Microsoft.Win32.RegistryKeyPermissionCheck]::ReadSubTree)
return $made.Dispose()
}
$key=$root.OpenSubKey($Change.Path,'ReadWriteSubTree','QueryValues, SetValue')
if(-not $key){throw 'its key has gone'}
Write-Value -Key $key -Name $Change.Name -Current $Change.Previous -Next $Change.Next
return $key
}
function Invoke-Plan {
param($Plan,$Journal)
Save-Plan $Plan $Journal
$hives=@{}
$others=[Collections.Generic.List[object]]::new()
foreach($change in $Plan.Values){
if($change['Of']){
$others.Add($change)
continue
}
try{
if($change.Above -and -not $change.Failure){$change.Failure=$Plan[$change.Above].Failure}
Assert-Time 1
$key=if(-not $change.Failure){Invoke-Change $change}
if($key){Add-HiveToFlush -Hives $hives -Place $change -Key $key}
}catch{
$change.Failure=$_.Exception.GetBaseException().Message
}
foreach($said in $change.Said){Write-Change -Id $said.Setting -Text $said.Text -Failure $change.Failure}
}
Sync-Hive $hives
if($others.Count){& 'Write-Other' -Changes $others}
foreach($change in $Plan.Values){if($change.Entry){Complete-Entry $Journal $change}}
$Journal.DeleteValue('Making',$false)
}
function Invoke-Remediation {
$lock=$null
try{
$journal=$null
if(-not $WhatIfPreference){
$lock=Lock-Journal
$root=Open-Root 'HKLM' 64
$journal=$root.OpenSubKey($JournalPath,$true)
}
$plan=[ordered]@{}
foreach($finding in @(Get-Finding 0.5)){
if(-not $finding.Setting['ReportOnly']){Add-Finding -Plan $plan -Journal $journal -Finding $finding}
}
if($plan.Count){
if(-not $journal){$journal=Open-Journal}
Invoke-Plan $plan $journal
}
if($journal -and (Test-ForUser)){& 'Write-Seen' -Journal $journal}
}finally{
if($lock){$lock.Dispose()}
}
}
function Test-Function {
param([string]$Name)
return $null -ne $ExecutionContext.SessionState.InvokeCommand.GetCommand($Name,'Function')
}
#endregion

$refusal = Get-Refusal
if ($refusal) { throw $refusal }
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = 40
$ConfirmPreference = 'None'
$null = Invoke-Remediation
$ids = @(
    # Looking again takes what is left of the client's minute.
    foreach ($finding in @(Get-Finding 1.25)) {
        if ($finding.Holds) { continue }
        Write-PolicyLog -Message "$($finding.Setting.Id): still not compliant, $(Format-Finding $finding)" -Type 3
        $finding.Setting.Id
    }
)
# ConfigMgr reports a remediation as failed only if it throws.
if ($ids.Length) { throw "policyc: still not compliant after remediation: $([string]::Join(', ', $ids))" }
