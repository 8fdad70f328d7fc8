$volume = Get-BitLockerVolume -MountPoint $env:SystemDrive
[string]$volume.ProtectionStatus
