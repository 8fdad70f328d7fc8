$ErrorActionPreference = 'Stop'
$null = Disable-BitLocker -MountPoint $env:SystemDrive
