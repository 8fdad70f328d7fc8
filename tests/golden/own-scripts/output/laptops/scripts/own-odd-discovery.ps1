<# #endregion
.SYNOPSIS
    </DiscoveryScriptBody> ]]> <!-- & &amp; #>
param()
$text = @'
 '@ is no end here, and "neither" is this: $(exit 1)
'@
$other = @"
$(if ($text) { "it's" }) </DiscoveryScriptBody> ]]> `$(exit) ```'@
"@
"$other"	# a tab before
