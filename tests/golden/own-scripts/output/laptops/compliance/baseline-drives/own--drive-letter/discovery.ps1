$found = [IO.DriveInfo]::GetDrives().Where({ $_.VolumeLabel -eq 'DATA' })
if ($found.Count) { $found[0].Name.TrimEnd('\') } else { 'none' }
